"""What a TestState call asks for, checked in the order in which AWS refuses.

The role, definition, input and variables, whether there must or may be a mock, the context, what the mock says.
"""

from dataclasses import dataclass

from conductor_local.api.aws.configurations import role_arn
from conductor_local.api.aws.errors import AwsError
from conductor_local.api.aws.teststate.context import check_context
from conductor_local.api.aws.teststate.definition import Tested, find_state, names_inside
from conductor_local.api.aws.teststate.mocks import Mock, check_given, read_mock, refuse_unmocked, waits
from conductor_local.api.aws.teststate.texts import Text, refusal
from conductor_local.payload import Json

INFO, TRACE = "INFO", "TRACE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """`TestStateConfiguration`: what is supposed to have happened before."""

    retries: int = 0
    failed_iterations: int | None = None
    reader_data: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One test. `variables` and `context` None where none are given; `mock` None: the work is really done."""

    tested: Tested
    input: Text
    variables: Text | None
    context: Text | None
    mock: Mock | None
    configuration: Configuration
    level: str
    reveals_secrets: bool
    role_arn: str | None

    @property
    def texts(self) -> list[Text]:
        """All JSON texts that were sent."""
        result = None if self.mock is None else self.mock.result
        return [text for text in (self.input, result, self.context, self.variables) if text is not None]


def read_request(params: dict[str, Json]) -> Request:
    """Read the parameters of a call. Raises `AwsError`."""
    role = role_arn(params)
    tested = find_state(params["definition"], params.get("stateName"))
    input, variables = _input(params.get("input", "{}")), _variables(params.get("variables"))
    given, reveals_secrets = params.get("mock"), bool(params.get("revealSecrets"))
    if given is None:
        refuse_unmocked(tested, role)
    else:
        check_given(given, tested, reveals_secrets=reveals_secrets)
    context = _context(params.get("context"), tested, is_mocked=given is not None)
    configuration = _configuration(params.get("stateConfiguration", {}), tested, is_mocked=given is not None)
    return Request(
        tested=tested, input=input, variables=variables, context=context, configuration=configuration,
        mock=None if given is None else read_mock(given, tested), level=params.get("inspectionLevel", INFO),
        reveals_secrets=reveals_secrets, role_arn=role,
    )  # fmt: skip


def _input(text: str) -> Text:
    try:
        return Text(text)
    except ValueError as error:
        message = f"Invalid State Machine Execution Input: '{error}'" if text.strip() else "Invalid execution input."
        raise AwsError("InvalidExecutionInput", message) from None


def _variables(text: str | None) -> Text | None:
    if text is None:
        return None
    try:
        variables = Text(text)
    except ValueError as error:
        raise refusal(f"Variables must be valid JSON: {error}") from None
    if not isinstance(variables.value, dict):
        raise refusal("Variables must be a JSON object.")
    return variables


def _context(text: str | None, tested: Tested, *, is_mocked: bool) -> Text | None:
    if text is None:
        return None
    if not is_mocked:
        raise refusal("A Context object can only be specified when a mock is specified.")
    try:
        context = Text(text)
    except ValueError as error:
        raise refusal(f"Invalid Context object provided: {error}") from None
    check_context(context, has_task=waits(tested))
    return context


def _configuration(given: dict[str, Json], tested: Tested, *, is_mocked: bool) -> Configuration:
    """Read what is supposed; what could have no effect is refused, because the caller expects one."""
    if given and not is_mocked:
        raise refusal("A state configuration can only be specified when a mock is specified.")
    for_maps = [name for name in ("mapIterationFailureCount", "mapItemReaderData") if name in given]
    if for_maps and tested.kind != "Map":
        raise refusal(f"The field '{for_maps[0]}' is only supported for Map states.")
    if (name := given.get("errorCausedByState")) is not None and name not in names_inside(tested.state):
        raise refusal(f"The field 'errorCausedByState' names no state inside the tested state: '{name}'.")
    return Configuration(
        retries=given.get("retrierRetryCount", 0), failed_iterations=given.get("mapIterationFailureCount"),
        reader_data=given.get("mapItemReaderData"),
    )  # fmt: skip
