"""Starting beside others and without what is needed: refused with a reason, or waited for."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from scripts.services.daemon import Daemon, free_port
from tests.services.fleet import Fleet, fleet_on, until

from conductor_local.cli import exits

pytestmark = pytest.mark.e2e


@pytest.fixture
def alone(tmp_path: Path, redis_url: str) -> Iterator[Fleet]:
    """Processes with a Redis and no Kafka."""
    with fleet_on(tmp_path, redis_url, None) as fleet:
        yield fleet


def test_without_kafka_a_second_process_is_turned_away_and_a_dead_one_replaced(alone: Fleet) -> None:
    first = alone.serve()
    api = alone.api(first)
    second = alone.serve()
    assert second.ended() == exits.USAGE
    assert f"Process {first.pid} on" in second.complaints
    assert "KAFKA_BROKER" in second.complaints
    assert api.http.get("/readyz").json()["status"] == "ready"
    first.send(signal.SIGKILL)
    first.ended()
    third = alone.api(alone.serve())
    until(lambda: third.http.get("/readyz").json()["status"] == "ready")
    assert third.ended(third.trigger("sample-user-signup", {"email": "a@b.c", "password": "lovelace"}))["status"] == "COMPLETED"


def test_another_group_on_the_same_redis_is_turned_away(tmp_path: Path, redis_url: str, kafka_broker: str) -> None:
    with fleet_on(tmp_path, redis_url, kafka_broker) as fleet:
        first = fleet.worker()
        until(lambda: first.owned)
        other = fleet.worker("--kafka-group-id", f"{fleet.name}-other")
        assert other.ended() == exits.USAGE
        assert f"Set KAFKA_GROUP_ID to '{fleet.name}'" in other.complaints


@pytest.mark.parametrize("command", [("worker",), ("serve", "--no-work", "--port", "0")])
def test_who_shares_work_needs_both_services(alone: Fleet, command: tuple[str, ...]) -> None:
    member = alone.start(*command)
    assert member.ended() == exits.USAGE
    assert "Set KAFKA_BROKER" in member.complaints


def test_without_its_services_a_process_says_which_and_where_and_ends(tmp_path: Path, redis_url: str) -> None:
    port = free_port()
    with fleet_on(tmp_path, f"redis://127.0.0.1:{port}", None) as fleet:
        serve = fleet.serve()
        assert serve.ended() == exits.UNAVAILABLE
        assert f"127.0.0.1:{port} cannot be reached" in serve.complaints
        assert "check address" in serve.complaints
    with fleet_on(tmp_path, redis_url, None) as fleet:
        fleet.environment["KAFKA_BROKER"] = f"127.0.0.1:{port}"
        worker = fleet.worker()
        assert worker.ended() == exits.UNAVAILABLE
        assert f"Kafka at 127.0.0.1:{port} does not answer" in worker.complaints
        assert "check KAFKA_BROKER" in worker.complaints
        assert "Traceback" not in worker.complaints


def test_with_wait_it_starts_when_its_redis_does(tmp_path: Path, mortal_redis: Daemon) -> None:
    mortal_redis.stop()
    with fleet_on(tmp_path, f"redis://{mortal_redis.address}", None) as fleet:
        serve = fleet.serve("--wait")
        assert f"{mortal_redis.address} cannot be reached" in serve.heard("WAITING")["message"]
        mortal_redis.start()
        api = fleet.api(serve)
        until(lambda: api.http.get("/readyz").json()["status"] == "ready")
        assert api.status()["partitions"]["unowned"] == []
        assert [told["type"] for told in serve.told].count("WAITING") == 1


def test_with_wait_a_worker_starts_when_its_kafka_does(tmp_path: Path, redis_url: str, mortal_kafka: Daemon) -> None:
    mortal_kafka.stop()
    with fleet_on(tmp_path, redis_url, None) as fleet:
        fleet.environment["KAFKA_BROKER"] = mortal_kafka.address
        worker = fleet.worker("--wait")
        assert f"Kafka at {mortal_kafka.address} does not answer" in worker.heard("WAITING")["message"]
        mortal_kafka.start()
        until(lambda: len(worker.owned) == 64, 60)
        server = fleet.api(fleet.serve("--no-work"))
        until(lambda: server.http.get("/readyz").json()["status"] == "ready")
        mortal_kafka.kill()
        until(lambda: "Kafka at" in server.http.get("/readyz").json()["missing"].get("kafka", ""))
        until(lambda: "has lost sight" in worker.complaints)
        started = server.trigger("sample-user-signup", {"email": "a@b.c", "password": "lovelace"})
        assert server.ended(started)["status"] == "COMPLETED", "a Kafka that is away stops nothing"
