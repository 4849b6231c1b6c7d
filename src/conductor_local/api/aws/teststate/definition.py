"""The state that is tested: found in what was sent, and compiled as a machine of its own.

Rules: a state that was sent alone is called `StateName`, as AWS calls it; where it leads is not judged. What it goes on to are
states that only end, so that the kernel sees a whole machine; what happens in them is looked at by nobody.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from conductor_local.api.aws.errors import AwsError
from conductor_local.errors import DefinitionError, Problem
from conductor_local.language import Source, read
from conductor_local.language.asl import Diagnostics, Identity, diagnose, invalid_definition, read_machine
from conductor_local.payload import Json
from conductor_local.program import Limits, Node, Program

ALONE = "StateName"
_OF_THE_GRAPH = frozenset({"MISSING_TRANSITION_TARGET", "MISSING_END_STATE"})


@dataclass(frozen=True, slots=True)
class Tested:
    """A sound state: its name, its JSON and the query language of its machine."""

    name: str
    state: Mapping[str, Json]
    language: str

    @property
    def kind(self) -> str:
        """Its type."""
        return str(self.state["Type"])

    @property
    def is_jsonata(self) -> bool:
        """Whether its expressions are JSONata."""
        return str(self.state.get("QueryLanguage", self.language)) == "JSONata"

    def compiled(self, identity: Identity, limits: Limits) -> tuple[Program, Node]:
        """Compile the state as a machine of its own; return the machine and the state's node in it."""
        program, _ = _read(self, identity, limits)
        return program, program.body.nodes[self.name]


def find_state(text: str, name: str | None) -> Tested:
    """Return the state in the JSON of a state or, with a `name`, of a machine; it may be inside another state.

    Raises `AwsError` InvalidDefinition, and ValidationException when there is no state of that name.
    """
    try:
        document = read(text).document
    except DefinitionError:
        raise _invalid(diagnose(text)) from None
    if name is None:
        tested = Tested(ALONE, document, "JSONPath")
        _, problems = _read(tested, Identity(), Limits())
    else:
        problems = list(diagnose(text))
    if any(problem.severity == "error" for problem in problems):
        raise _invalid(problems)
    if name is not None:
        state = dict(_states(document)).get(name)
        if state is None:
            raise AwsError("ValidationException", "State not found in definition")
        tested = Tested(name, state, document.get("QueryLanguage", "JSONPath"))
    return tested


def names_inside(state: Mapping[str, Json]) -> set[str]:
    """Return the names of all states inside a Parallel or Map."""
    return {name for body in _bodies(state) for name, _ in _states(body)}


def _read(tested: Tested, identity: Identity, limits: Limits) -> tuple[Program, list[Problem]]:
    """Return the machine, sound if there are no problems but warnings."""
    ends = {name: {"Type": "Succeed"} for name in _targets(tested.state) if name != tested.name}
    states = {tested.name: tested.state, **ends}
    source, found = Source({"QueryLanguage": tested.language, "StartAt": tested.name, "States": states}), Diagnostics()
    program = read_machine(source.document, found, identity, limits)
    return program, [problem for problem in found.told(source) if problem.code not in _OF_THE_GRAPH]


def _invalid(problems: Iterable[Problem]) -> AwsError:
    return AwsError("InvalidDefinition", invalid_definition(problems))


def _targets(state: Mapping[str, Json]) -> Iterator[str]:
    """Yield where a state may lead, as far as it says so soundly."""
    places = [state]
    for name in ("Choices", "Catch"):
        listed = state.get(name)
        places += [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    for place in places:
        for name in ("Next", "Default"):
            if isinstance(target := place.get(name), str):
                yield target


def _states(body: Mapping[str, Json]) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """Yield all states of a sound machine by name, those inside others too."""
    for name, state in body["States"].items():
        yield name, state
        for inner in _bodies(state):
            yield from _states(inner)


def _bodies(state: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    processor = state.get("ItemProcessor", state.get("Iterator"))
    return [*state.get("Branches", ()), *([] if processor is None else [processor])]
