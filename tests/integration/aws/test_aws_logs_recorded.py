"""Log records as AWS wrote them, where the recordings are on the machine."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Server
from .stand_in import GROUP_ARN, until
from .test_aws_logs import read

FOLDER = Path(os.environ.get("CONDUCTOR_AWS_RECORDED") or Path(__file__).parents[4] / "shared" / "aws-recorded")
CASES = FOLDER / "logs" / "test_logs"
RECORDED = sorted(path for path in CASES.glob("*.json") if "logged_execution_events" in path.read_text())
ROLE = "arn:aws:iam::111111111111:role/snf_role_arn"


@pytest.mark.skipif(not RECORDED, reason="the recordings are not on this machine")
def test_the_recorded_executions_log_what_they_logged_on_aws(mortal: Server, connect: Callable[..., Any]) -> None:
    url = mortal.start()
    client = connect(url)
    for number, path in enumerate(RECORDED):
        case = json.loads(path.read_text())
        logging = {**case["loggingConfiguration"], "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": GROUP_ARN}}]}
        machine = client.create_state_machine(
            name=f"m{number}", definition=json.dumps(case["definition"]), roleArn=ROLE, loggingConfiguration=logging
        )["stateMachineArn"]
        arn = client.start_execution(stateMachineArn=machine, input=json.dumps(case["input"]))["executionArn"]
        wanted = case["expected"]["logged_execution_events"]
        until(lambda arn=arn: client.describe_execution(executionArn=arn)["status"] != "RUNNING")
        logged = read(url, "--execution", arn)
        assert [comparable(each) for each in logged] == [comparable(each) for each in wanted], path.name


def comparable(record: dict[str, Any]) -> dict[str, Any]:
    """Leave out what differs from run to run, and read JSON texts as the recordings do."""
    varying = {"event_timestamp": "", "execution_arn": ""}
    details = {name: json.loads(value) if str(value).startswith("{") and isinstance(value, str) else value
               for name, value in record["details"].items() if name != "roleArn"}  # fmt: skip
    assert ("roleArn" in record["details"]) == (record["type"] == "ExecutionStarted")
    return {**record, **varying, "details": details}
