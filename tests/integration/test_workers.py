"""One server that only answers and two workers, over real Redis and Kafka: everything works that works in one process."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime
from statistics import median
from time import time
from typing import Any

import boto3
import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.services.fleet import PARTITIONS, Api, Fleet, fleet_on, shared_by, slow, until
from tests.services.topics import read_topic

from conductor_local.runtime.ids import partition_of

pytestmark = pytest.mark.e2e
ACTIVITY = "arn:aws:states:us-east-1:000000000000:activity:pack"
HELLO = {
    "name": "Hello", "startAt": "greet",
    "steps": {
        "greet": {"type": "function", "functionName": "greet", "resultPath": "$.greeting", "nextStepId": "pause"},
        "pause": {"type": "wait", "seconds": 1, "nextStepId": None},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, redis_url: str, kafka_broker: str) -> Iterator[Fleet]:
    with fleet_on(tmp_path_factory.mktemp("fleet"), redis_url, kafka_broker) as fleet:
        fleet.serve("--no-work")
        workers = fleet.worker("--metrics-port", "0"), fleet.worker()
        until(lambda: shared_by(*workers))
        yield fleet


@pytest.fixture(scope="module")
def api(fleet: Fleet) -> Api:
    return fleet.api(fleet.members[0])


@pytest.fixture(scope="module")
def aws(api: Api) -> Iterator[Any]:
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
    client = boto3.client("stepfunctions", endpoint_url=str(api.http.base_url), region_name="us-east-1", **keys)
    yield client
    client.close()


def redis_cli(fleet: Fleet, *command: str) -> str:
    program = shutil.which("redis-cli")
    if program is None:
        pytest.skip("redis-cli is not installed")
    arguments = [program, "-u", fleet.environment["REDIS_URL"], *command]
    return subprocess.run(arguments, capture_output=True, text=True, check=True).stdout


def published(broker: str, id: str, count: int) -> list[dict[str, Any]]:
    """Return an instance's events once so many are on the topic, each once."""
    found: dict[str, dict[str, Any]] = {}

    def look() -> bool:
        for record in read_topic(broker, "workflow_events"):
            if record.key() == id.encode():
                event = json.loads(record.value() or b"")
                found.setdefault(event["id"], event)
        return len(found) >= count

    until(look)
    return list(found.values())


def test_the_sample_and_the_readme_example_can_be_read_back(fleet: Fleet, api: Api, kafka_broker: str) -> None:
    api.define(HELLO)
    sample = api.trigger("sample-user-signup", {"email": "ada@example.com", "password": "lovelace"})
    hello = api.trigger("Hello", {"name": "Ada"})
    assert api.ended(sample)["status"] == "COMPLETED"
    assert api.ended(hello)["currentPayload"] == {"name": "Ada", "greeting": {"text": "Hello, Ada!"}}
    for id, count in ((sample, 10), (hello, 6)):
        events = published(kafka_broker, id, count)
        assert [event["id"] for event in events] == [f"{id}:{number}" for number in range(1, count + 1)]
        assert (events[0]["type"], events[-1]["type"]) == ("WORKFLOW_STARTED", "WORKFLOW_COMPLETED")
        key = f"{fleet.name}:{{p{partition_of(id, PARTITIONS)}}}:run:{id}"
        assert redis_cli(fleet, "hget", key, "status").strip() == "SUCCEEDED"


def test_cancel_and_redrive_from_a_process_that_does_not_work(fleet: Fleet, api: Api) -> None:
    api.define(slow("Endless"))
    running = api.trigger("Endless", {"key": "endless", "seconds": 600})
    until(lambda: ("endless") in dict(fleet.calls()))
    cancelled = api.http.post(f"/workflows/instances/{running}/cancel", json={"cause": "enough"})
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "CANCELLED")
    api.define({"name": "Flaky", "startAt": "f", "steps": {"f": {"type": "function", "name": "F", "functionName": "flaky"}}})
    failed = api.trigger("Flaky", {})
    assert api.ended(failed)["status"] == "FAILED"
    (fleet.folder / "repaired").touch()
    assert api.http.post(f"/workflows/instances/{failed}/redrive").status_code == 202
    assert api.ended(failed)["currentPayload"] == {"repaired": True}


def test_a_map_run_goes_on_over_all_workers(api: Api, aws: Any) -> None:
    item = {"StartAt": "Hold", "States": {"Hold": {"Type": "Wait", "Seconds": 1, "End": True}}}
    spread = {
        "Type": "Map", "MaxConcurrency": 20, "Label": "Each", "End": True,
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **item},
    }  # fmt: skip
    api.define({"name": "Spread", "StartAt": "Spread", "States": {"Spread": spread}})
    began = time()
    machine = next(each["stateMachineArn"] for each in aws.list_state_machines()["stateMachines"] if each["name"] == "Spread")
    id = aws.start_execution(stateMachineArn=machine, input=json.dumps(list(range(20))))["executionArn"]
    until(lambda: aws.describe_execution(executionArn=id)["status"] != "RUNNING")
    ended = aws.describe_execution(executionArn=id)
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", list(range(20)))
    assert time() - began < 15


def test_an_activity_worker_may_ask_any_process(api: Api, aws: Any) -> None:
    aws.create_activity(name="pack")
    api.define({"name": "Packing", "StartAt": "Pack", "States": {"Pack": {"Type": "Task", "Resource": ACTIVITY, "End": True}}})
    waited_s = []
    for number in range(6):
        id = api.trigger("Packing", {"n": number})
        began = time()
        task = aws.get_activity_task(activityArn=ACTIVITY, workerName="anna")
        waited_s.append(time() - began)
        assert json.loads(task["input"]) == {"n": number}
        aws.send_task_success(taskToken=task["taskToken"], output='"packed"')
        assert api.ended(id)["currentPayload"] == "packed"
    print(f"\na call reached a worker behind another process in {1000 * median(waited_s):.0f} ms (median)")
    assert median(waited_s) < 0.6


def test_what_another_process_commits_is_seen_soon(api: Api) -> None:
    api.define(slow("Brief"))
    late_s = []
    for number in range(10):
        id = api.trigger("Brief", {"key": f"brief {number}", "seconds": 0.3})
        with httpx.stream("GET", f"{api.http.base_url}/workflows/instances/{id}/events?follow=true", timeout=30) as stream:
            ended = next(json.loads(line[6:]) for line in stream.iter_lines() if "WORKFLOW_COMPLETED" in line and "data" in line)
        late_s.append(time() - as_epoch(ended["endedAt"]))
    print(
        f"\na stream heard of a commit elsewhere after {1000 * median(late_s):.0f} ms (median), {1000 * max(late_s):.0f} ms (most)"
    )
    assert median(late_s) < 0.4


def test_the_whole_can_be_seen(fleet: Fleet, api: Api) -> None:
    until(lambda: api.status()["partitions"]["owned"] == PARTITIONS)
    found = api.status()
    workers = {process["pid"]: process for process in found["processes"] if process["works"]}
    assert workers.keys() == {member.pid for member in fleet.members[1:]}
    assert [workers[member.pid]["partitions"] for member in fleet.members[1:]] == [member.owned for member in fleet.members[1:]]
    assert found["functionsNotEverywhere"] == found["missing"] == {}
    assert sum(process["commits"] for process in workers.values()) > 10
    assert api.http.get("/readyz").json() == {"status": "ready", "missing": {}}
    url = fleet.members[1].heard("METRICS")["url"]
    families = {family.name: family for family in text_string_to_metric_families(httpx.get(f"{url}/metrics").text)}
    assert families["conductor_partitions_owned"].samples[0].value == len(fleet.members[1].owned)
    assert httpx.get(f"{url}/readyz").status_code == 200
    assert httpx.get(f"{url}/workflows/instances").status_code == 404


def as_epoch(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
