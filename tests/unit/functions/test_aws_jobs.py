"""The table of jobs fits the APIs, and says when a job has ended."""

from collections.abc import Iterator
from typing import Any

import pytest

from conductor_local.functions.aws_jobs import JOBS, arguments, at
from conductor_local.functions.aws_names import OPTIMIZED

session = pytest.importorskip("botocore.session").Session()


def members(shape: Any) -> set[str]:
    return {name[:1].upper() + name[1:] for name in shape.members}


def sources(template: Any) -> Iterator[tuple[str, str]]:
    for text in template.values():
        source, found, path = text.strip("[]").partition(".")
        if found and source in ("given", "told"):
            yield source, path


def leads_somewhere(shape: Any, path: str) -> bool:
    for step in path.split("."):
        if step.isdigit():
            shape = shape.member
        else:
            found = {name[:1].upper() + name[1:]: inner for name, inner in shape.members.items()}
            if step not in found:
                return False
            shape = found[step]
    return True


@pytest.mark.parametrize("name", JOBS)
def test_every_name_in_the_table_is_in_the_api(name: str) -> None:
    service, _, action = name.partition(":")
    model, job = session.get_service_model(service), JOBS[name]
    start = model.operation_model(action[:1].upper() + action[1:])
    describe, stop = model.operation_model(job.describe), model.operation_model(job.stop)
    for template, operation in ((job.ask, describe), (job.stop_with, stop)):
        assert set(template) <= members(operation.input_shape)
        assert set(template) >= {each[:1].upper() + each[1:] for each in operation.input_shape.required_members}
        for source, path in sources(template):
            assert leads_somewhere(start.input_shape if source == "given" else start.output_shape, path), path
    assert leads_somewhere(describe.output_shape, ".".join(part for part in (job.found, job.status) if part))
    assert job.once is None or job.once in members(start.input_shape)
    assert service in OPTIMIZED


@pytest.mark.parametrize(
    ("name", "job", "end"),
    [
        ("batch:submitJob", {"Status": "RUNNING"}, None),
        ("batch:submitJob", {"Status": "SUCCEEDED"}, True),
        ("batch:submitJob", {"Status": "FAILED"}, False),
        ("ecs:runTask", {"LastStatus": "STOPPED", "Containers": [{"ExitCode": 0}]}, True),
        ("ecs:runTask", {"LastStatus": "STOPPED", "Containers": [{"ExitCode": 0}, {"ExitCode": 1}]}, False),
        ("ecs:runTask", {"LastStatus": "STOPPED", "Containers": [{"Reason": "no image"}]}, False),
        ("athena:startQueryExecution", {"Status": {"State": "QUEUED"}}, None),
        ("athena:startQueryExecution", {"Status": {"State": "CANCELLED"}}, False),
        ("sagemaker:createTrainingJob", {"TrainingJobStatus": "Completed"}, True),
    ],
)
def test_when_a_job_has_ended(name: str, job: dict[str, Any], end: bool | None) -> None:
    assert JOBS[name].end(job) is end


def test_a_start_that_named_no_job() -> None:
    assert not JOBS["ecs:runTask"].is_started({"Tasks": [], "Failures": [{"Reason": "MISSING"}]})
    assert JOBS["ecs:runTask"].is_started({"Tasks": [{"TaskArn": "arn"}]})


def test_what_is_not_given_is_left_out() -> None:
    told = {"Tasks": [{"TaskArn": "arn"}]}
    assert arguments(JOBS["ecs:runTask"].ask, {}, told) == {"Tasks": ["arn"]}
    assert arguments(JOBS["ecs:runTask"].ask, {"Cluster": "c"}, told) == {"Cluster": "c", "Tasks": ["arn"]}


def test_a_job_is_found_in_its_description() -> None:
    assert JOBS["batch:submitJob"].job({"Jobs": []}) is None
    assert JOBS["batch:submitJob"].job({"Jobs": [{"JobId": "1"}]}) == {"JobId": "1"}
    assert JOBS["athena:startQueryExecution"].shown({"Query": "q"}) == {"QueryExecution": {"Query": "q"}}
    assert at({"a": 1}, "a.b") is None
