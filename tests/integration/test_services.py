"""What the tests of Redis and Kafka stand on: servers that start, stop, die and hang as told, and say why they do not start."""

import socket
from pathlib import Path

import pytest
from redis import Redis
from scripts.services.daemon import HOST, Daemon, ServiceError, end, free_port, is_running
from scripts.services.kafka import create_topics
from tests.services.fixtures import CACHE
from tests.services.topics import new_topic, read_topic


def daemon(folder: Path, *command: str, start_s: float = 20.0) -> Daemon:
    """Make a server that never answers; its folder stands in its command line, as it must."""
    return Daemon("Fake", folder, 1, ("sh", "-c", *command, str(folder)), lambda: False, start_s)


def test_the_redis_of_a_run_answers(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        assert client.ping()
        assert client.config_get("appendonly") == {"appendonly": "yes"}


@pytest.mark.parametrize("way", ["restart", "kill"])
def test_redis_has_what_it_acknowledged_when_it_is_back(mortal_redis: Daemon, way: str) -> None:
    with Redis(host=HOST, port=mortal_redis.port) as client:
        client.set("key", "value")
        if way == "kill":
            mortal_redis.kill()
            assert not is_running(mortal_redis.folder)
            mortal_redis.start()
        else:
            mortal_redis.restart()
        assert client.get("key") == b"value"


def test_a_paused_redis_runs_and_does_not_answer(mortal_redis: Daemon) -> None:
    mortal_redis.pause()
    assert is_running(mortal_redis.folder)
    assert not mortal_redis.answers()
    mortal_redis.resume()
    assert mortal_redis.answers()


def test_kafka_has_its_topics_when_it_is_back(mortal_kafka: Daemon) -> None:
    wanted = {"workflow_events": 2, "workflow_step_triggers": 3}
    assert create_topics(mortal_kafka, wanted, cache=CACHE) == []
    mortal_kafka.restart()
    assert create_topics(mortal_kafka, wanted, cache=CACHE) == []
    assert read_topic(mortal_kafka.address, "workflow_events") == []
    (remark,) = create_topics(mortal_kafka, {"workflow_events": 9}, cache=CACHE)
    assert "workflow_events keeps its 2 partitions" in remark


def test_the_kafka_of_a_run_answers(kafka_broker: str) -> None:
    assert read_topic(kafka_broker, new_topic(kafka_broker)) == []


def test_a_port_that_is_taken_is_left_to_whoever_has_it() -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        assert free_port(port) != port
    assert free_port(port) == port


def test_a_server_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="Fake ended as soon as it was started:\n    no disk"):
        daemon(tmp_path, "echo no disk; exit 1").start()


def test_a_server_that_never_answers_is_told(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match=r"Fake does not answer at 127\.0\.0\.1:1 in 1 s"):
        daemon(tmp_path, "while :; do sleep 0.1; done", start_s=1.0).start()
    assert is_running(tmp_path)
    end(tmp_path)
    assert not is_running(tmp_path)


def test_a_process_that_has_only_the_number_of_an_old_one_is_not_taken_for_it(tmp_path: Path) -> None:
    (tmp_path / "pid").write_text("1")
    assert not is_running(tmp_path)
