"""The jobs that `.sync` waits for: how each is asked about, what its end looks like, and how it is stopped.

Rules: a table, nothing else; names are the API's, capitalised. A text in `ask` and `stop` says where a value comes from:
`given.JobName` is an argument of the task, `told.JobId` a member of the answer to it, in brackets a list of that one; anything else
stands for itself. What the task gives in the end is the job as the service describes it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from conductor_local.functions.aws_wording import Fields
from conductor_local.payload import Json

_REASON = "The execution that waited for this no longer wants it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One kind. `found` leads to the job in what `describe` answers, `status` to its state; `shown_as` is what stands around it.

    `once` is the argument that makes a repeated start meet the job that is there; None: the API has none.
    """

    describe: str
    ask: Mapping[str, str]
    stop: str
    stop_with: Mapping[str, str]
    found: str = ""
    status: str
    succeeded: frozenset[str]
    failed: frozenset[str]
    is_bad: Callable[[Fields], bool] = lambda job: False
    shown_as: str | None = None
    once: str | None = None

    def is_started(self, told: Fields) -> bool:
        """Tell whether the answer to the start names a job."""
        return all(name in arguments({name: text}, {}, told) for name, text in self.ask.items() if "told." in text)

    def job(self, description: Fields) -> Fields | None:
        """Return the job in a description; None when the service does not know it."""
        found = at(description, self.found)
        return found if isinstance(found, dict) else None

    def end(self, job: Fields) -> bool | None:
        """Tell whether the job succeeded; None: it goes on."""
        status = at(job, self.status)
        if status in self.succeeded:
            return not self.is_bad(job)
        return False if status in self.failed else None

    def shown(self, job: Fields) -> Fields:
        """Return what the task gives."""
        return job if self.shown_as is None else {self.shown_as: job}


def at(value: Json, path: str) -> Json:
    """Return what is at `Jobs.0.Status`, or None."""
    for step in path.split(".") if path else ():
        if isinstance(value, list):
            value = value[int(step)] if len(value) > int(step) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def arguments(template: Mapping[str, str], given: Fields, told: Fields) -> Fields:
    """Fill in an `ask` or `stop_with`. What is not there is left out."""
    filled = {name: _value(text, {"given": given, "told": told}) for name, text in template.items()}
    return {name: value for name, value in filled.items() if value not in (None, [None])}


def _value(text: str, sources: Mapping[str, Fields]) -> Any:
    if text.startswith("["):
        return [_value(text[1:-1], sources)]
    source, _, path = text.partition(".")
    return at(sources[source], path) if source in sources else text


def _exit_code_is_bad(task: Fields) -> bool:
    return any(container.get("ExitCode") != 0 for container in task.get("Containers", ()))


def _sagemaker(kind: str) -> Job:
    name = {f"{kind}JobName": f"given.{kind}JobName"}
    return Job(
        describe=f"Describe{kind}Job", ask=name, status=f"{kind}JobStatus", stop=f"Stop{kind}Job", stop_with=name,
        succeeded=frozenset({"Completed"}), failed=frozenset({"Failed", "Stopped"}),
    )  # fmt: skip


def _codebuild(kind: str, plural: str) -> Job:
    return Job(
        describe=f"BatchGet{plural}", ask={"Ids": f"[told.{kind}.Id]"}, found=f"{plural}.0", status=f"{kind}Status", shown_as=kind,
        stop=f"Stop{kind}", stop_with={"Id": f"told.{kind}.Id"}, once="IdempotencyToken",
        succeeded=frozenset({"SUCCEEDED"}), failed=frozenset({"FAILED", "FAULT", "TIMED_OUT", "STOPPED"}),
    )  # fmt: skip


JOBS: Mapping[str, Job] = {
    "athena:startQueryExecution": Job(
        describe="GetQueryExecution", ask={"QueryExecutionId": "told.QueryExecutionId"}, found="QueryExecution",
        status="Status.State", shown_as="QueryExecution", once="ClientRequestToken",
        stop="StopQueryExecution", stop_with={"QueryExecutionId": "told.QueryExecutionId"},
        succeeded=frozenset({"SUCCEEDED"}), failed=frozenset({"FAILED", "CANCELLED"}),
    ),
    "batch:submitJob": Job(
        describe="DescribeJobs", ask={"Jobs": "[told.JobId]"}, found="Jobs.0", status="Status",
        stop="TerminateJob", stop_with={"JobId": "told.JobId", "Reason": _REASON},
        succeeded=frozenset({"SUCCEEDED"}), failed=frozenset({"FAILED"}),
    ),
    "codebuild:startBuild": _codebuild("Build", "Builds"),
    "codebuild:startBuildBatch": _codebuild("BuildBatch", "BuildBatches"),
    "databrew:startJobRun": Job(
        describe="DescribeJobRun", ask={"Name": "given.Name", "RunId": "told.RunId"}, status="State",
        stop="StopJobRun", stop_with={"Name": "given.Name", "RunId": "told.RunId"},
        succeeded=frozenset({"SUCCEEDED"}), failed=frozenset({"FAILED", "STOPPED", "TIMEOUT"}),
    ),
    "ecs:runTask": Job(
        describe="DescribeTasks", ask={"Cluster": "given.Cluster", "Tasks": "[told.Tasks.0.TaskArn]"}, found="Tasks.0",
        status="LastStatus", is_bad=_exit_code_is_bad, once="ClientToken",
        stop="StopTask", stop_with={"Cluster": "given.Cluster", "Task": "told.Tasks.0.TaskArn", "Reason": _REASON},
        succeeded=frozenset({"STOPPED"}), failed=frozenset(),
    ),
    "emr-containers:startJobRun": Job(
        describe="DescribeJobRun", ask={"Id": "told.Id", "VirtualClusterId": "given.VirtualClusterId"}, found="JobRun",
        status="State", once="ClientToken",
        stop="CancelJobRun", stop_with={"Id": "told.Id", "VirtualClusterId": "given.VirtualClusterId"},
        succeeded=frozenset({"COMPLETED"}), failed=frozenset({"FAILED", "CANCELLED"}),
    ),
    "emr-serverless:startJobRun": Job(
        describe="GetJobRun", ask={"ApplicationId": "told.ApplicationId", "JobRunId": "told.JobRunId"}, found="JobRun",
        status="State", once="ClientToken",
        stop="CancelJobRun", stop_with={"ApplicationId": "told.ApplicationId", "JobRunId": "told.JobRunId"},
        succeeded=frozenset({"SUCCESS"}), failed=frozenset({"FAILED", "CANCELLED"}),
    ),
    "glue:startJobRun": Job(
        describe="GetJobRun", ask={"JobName": "given.JobName", "RunId": "told.JobRunId"}, found="JobRun", status="JobRunState",
        stop="BatchStopJobRun", stop_with={"JobName": "given.JobName", "JobRunIds": "[told.JobRunId]"},
        succeeded=frozenset({"SUCCEEDED"}), failed=frozenset({"FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED"}),
    ),
    "mediaconvert:createJob": Job(
        describe="GetJob", ask={"Id": "told.Job.Id"}, found="Job", status="Status", shown_as="Job", once="ClientRequestToken",
        stop="CancelJob", stop_with={"Id": "told.Job.Id"},
        succeeded=frozenset({"COMPLETE"}), failed=frozenset({"ERROR", "CANCELED"}),
    ),
    "sagemaker:createProcessingJob": _sagemaker("Processing"),
    "sagemaker:createTrainingJob": _sagemaker("Training"),
    "sagemaker:createTransformJob": _sagemaker("Transform"),
}  # fmt: skip
"""By service and action, as in the ARN of the task."""
