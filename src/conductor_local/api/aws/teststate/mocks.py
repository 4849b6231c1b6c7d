"""What a mock is, and which one a state may have (API reference, `MockInput`; texts recorded 2025-12 to 2026-02)."""

from dataclasses import dataclass

from conductor_local.api.aws.errors import AwsError
from conductor_local.api.aws.teststate.definition import Tested
from conductor_local.api.aws.teststate.mock_schema import STRICT, check_result
from conductor_local.api.aws.teststate.texts import Text, refusal
from conductor_local.payload import Json
from conductor_local.program import Failure

MOCKED = ("Task", "Map", "Parallel")
TYPES = "Task, Wait, Pass, Succeed, Fail, Choice"
_WAITING = (".sync", ".sync:2", ".waitForTaskToken")


@dataclass(frozen=True, slots=True)
class Mock:
    """What stands in for a state's work: a result or a failure."""

    result: Text | None = None
    failure: Failure | None = None


def waits(tested: Tested) -> bool:
    """Tell whether a Task waits for a job or a callback."""
    return tested.kind == "Task" and tested.state["Resource"].endswith(_WAITING)


def refuse_unmocked(tested: Tested, role_arn: str | None) -> None:
    """Raise `AwsError` for a state that can only be tested with a mock, or not without a role."""
    if tested.kind in ("Map", "Parallel"):
        text = f"TestState API does not support Map or Parallel states. Supported state types include: [{TYPES}]"
        raise AwsError("InvalidDefinition", text)
    if tested.kind != "Task":
        return
    if role_arn is None:
        raise refusal("RoleArn must be specified when testing a Task state")
    if waits(tested) or ":activity:" in tested.state["Resource"]:
        what = "activities and the service integration patterns .sync and .waitForTaskToken"
        raise AwsError("InvalidDefinition", f"TestState API does not support {what} unless a mock is specified")


def check_given(given: dict[str, Json], tested: Tested, *, reveals_secrets: bool) -> None:
    """Raise `AwsError` for what is no mock, or none that this type of state may have."""
    if ("result" in given) == ("errorOutput" in given):
        raise refusal("A test mock should have only one of the following fields: [result, errorOutput].")
    if reveals_secrets:
        raise refusal("TestState does not support RevealSecrets when a mock is specified.")
    if tested.kind not in MOCKED:
        raise refusal(f"State type '{tested.kind}' is not supported when a mock is specified")


def read_mock(given: dict[str, Json], tested: Tested) -> Mock:
    """Return the mock. Raises `AwsError` when the state could not give such a result."""
    if "errorOutput" in given:
        error = given["errorOutput"]
        return Mock(failure=Failure(error.get("error"), error.get("cause")))
    try:
        result = Text(given["result"])
    except ValueError:
        raise refusal("Mocked result must be valid JSON") from None
    match tested.kind:
        case "Task":
            check_result(tested.state["Resource"], result.value, given.get("fieldValidationMode", STRICT))
        case "Map" if "Resource" in tested.state.get("ResultWriter", {}):
            if not isinstance(result.value, dict):
                raise refusal("Mocked result must be a JSON object.")
        case _:
            _check_list(tested, result.value)
    return Mock(result=result)


def _check_list(tested: Tested, result: Json) -> None:
    if not isinstance(result, list):
        raise refusal("Mocked result must be an array.")
    if tested.kind == "Parallel" and len(result) != len(tested.state["Branches"]):
        raise refusal("Mocked result must contain the same number of items as number of Parallel branches.")
