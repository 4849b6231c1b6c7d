"""Workers that come, go, die and freeze: the others go on within seconds, and nothing is done twice that was told once."""

import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.services.fleet import Api, Fleet, Member, fleet_on, shared_by, slow, until

pytestmark = pytest.mark.e2e
HAND_OVER_S = 15.0  # a dead process is found after 6 s; what else there is is slow machines


@pytest.fixture
def fleet(tmp_path: Path, redis_url: str, kafka_broker: str) -> Iterator[Fleet]:
    with fleet_on(tmp_path, redis_url, kafka_broker) as fleet:
        yield fleet


def opened(fleet: Fleet, *workers: Member) -> Api:
    """Start a server that only answers, and wait until the workers share the partitions."""
    api = fleet.api(fleet.serve("--no-work"))
    until(lambda: shared_by(*workers))
    api.define(slow())
    return api


def pids_of(api: Api, ids: list[str]) -> list[int]:
    """Return by which process the call of each instance was answered."""
    return [int(api.ended(id)["currentPayload"]["pid"]) for id in ids]


def test_the_others_take_over_from_a_worker_that_stops_or_dies(fleet: Fleet) -> None:
    first, second = fleet.worker(), fleet.worker()
    api = opened(fleet, first, second)
    resting = [api.trigger("Slow", {"key": f"rest {n}", "seconds": 0}) for n in range(20)]
    first.send(signal.SIGTERM)
    stopped_s = until(lambda: shared_by(second))
    assert first.ended() == 0
    third = fleet.worker()
    joined_s = until(lambda: shared_by(second, third))
    begun = [api.trigger("Slow", {"key": f"begun {n}", "seconds": 2}) for n in range(20)]
    until(lambda: third.pid in Counter(pid for key, pid in fleet.calls() if key.startswith("begun")))
    third.close()  # with SIGKILL
    killed_s = until(lambda: shared_by(second))
    assert {api.ended(id)["status"] for id in (*resting, *begun)} == {"COMPLETED"}
    assert set(pids_of(api, begun)) == {second.pid}
    print(f"\nhanded over in {stopped_s:.1f} s from one that stops, {killed_s:.1f} s from one killed, {joined_s:.1f} s to one new")
    assert max(stopped_s, killed_s, joined_s) < HAND_OVER_S
    gone = [process for process in api.status()["processes"] if process["pid"] == third.pid]
    assert all(process["isGone"] for process in gone)


def test_a_worker_that_was_frozen_neither_commits_nor_claims(fleet: Fleet) -> None:
    frozen, awake = fleet.worker(), fleet.worker()
    api = opened(fleet, frozen, awake)
    ids = [api.trigger("Slow", {"key": f"call {n}", "seconds": 3}) for n in range(20)]
    until(lambda: {pid for _, pid in fleet.calls()} == {frozen.pid, awake.pid} and len(fleet.calls()) == len(ids))
    frozen.send(signal.SIGSTOP)
    under_way = [id for id in ids if api.instance(id)["status"] == "RUNNING"]
    taken_s = until(lambda: shared_by(awake))
    before = {id: api.ended(id) for id in ids}
    assert {before[id]["currentPayload"]["pid"] for id in under_way} == {awake.pid}
    frozen.told.clear()  # what it says from now on is new
    frozen.send(signal.SIGCONT)
    back_s = until(lambda: shared_by(frozen, awake))
    assert {id: api.instance(id) for id in ids} == before
    for id in ids:
        events: list[dict[str, Any]] = api.http.get(f"/workflows/instances/{id}/events?view=engine").json()["items"]
        assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
        assert Counter(event["type"] for event in events)["TaskSucceeded"] == 1
    again = [api.trigger("Slow", {"key": f"again {n}", "seconds": 0}) for n in range(20)]
    assert set(pids_of(api, again)) == {frozen.pid, awake.pid}, "it works again on what it was given anew"
    print(f"\ntaken over from a frozen worker after {taken_s:.1f} s; it had its share again {back_s:.1f} s after it woke")


def test_a_worker_that_is_asked_to_end_lets_its_calls_end(fleet: Fleet) -> None:
    leaving, staying = fleet.worker("--drain-s", "20"), fleet.worker()
    api = opened(fleet, leaving, staying)
    ids = [api.trigger("Slow", {"key": f"call {n}", "seconds": 3}) for n in range(12)]
    until(lambda: len(fleet.calls()) == len(ids))
    leaving.send(signal.SIGTERM)
    assert leaving.heard("DRAINING")["running"] > 0
    assert leaving.ended() == 0
    assert leaving.told[-1]["type"] == "STOPPED"
    assert leaving.pid in pids_of(api, ids)
    assert max(Counter(key for key, _ in fleet.calls()).values()) == 1, "a call was made again"


def test_a_second_signal_and_the_limit_end_a_drain(fleet: Fleet) -> None:
    hurried, limited = fleet.worker("--drain-s", "600"), fleet.worker("--drain-s", "1")
    api = opened(fleet, hurried, limited)
    for n in range(12):
        api.trigger("Slow", {"key": f"call {n}", "seconds": 600})
    until(lambda: {pid for _, pid in fleet.calls()} == {hurried.pid, limited.pid})
    limited.send(signal.SIGTERM)
    hurried.send(signal.SIGTERM)
    assert limited.ended() == 0
    assert hurried.process.poll() is None
    hurried.send(signal.SIGTERM)
    took_s = until(lambda: hurried.process.poll() is not None)
    assert (hurried.ended(), took_s < 5) == (0, True)
