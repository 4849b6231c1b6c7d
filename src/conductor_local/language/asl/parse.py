"""A state machine to a `Program`: the fields of the whole, its bodies, and which query language each state is in."""

from collections.abc import Mapping

from conductor_local.language.asl.context import context_in
from conductor_local.language.asl.dataflow import PathSlots
from conductor_local.language.asl.diagnostics import DUPLICATE_STATE, TOO_DEEP, Diagnostics, Place
from conductor_local.language.asl.expressions import ExpressionSlots
from conductor_local.language.asl.fields import EMPTY, JSONATA, JSONPATH, SECONDS_MAX, Fields, Reading
from conductor_local.language.asl.graph import check_graph
from conductor_local.language.asl.identity import EXPRESS_S_MAX, Identity
from conductor_local.language.asl.modes import refuse_by_mode
from conductor_local.language.asl.resources import gives_token, resource_of
from conductor_local.language.asl.state import Slots, State
from conductor_local.language.asl.states import COMMON, TYPES
from conductor_local.language.asl.variables import check_scopes
from conductor_local.language.checks import BODY_DEPTH_MAX
from conductor_local.language.problems import did_you_mean
from conductor_local.payload import Json
from conductor_local.program import Body, Limits, Node, Pass, Program

FIELDS = ("Comment", "StartAt", "States", "Version", "TimeoutSeconds", "QueryLanguage")
LANGUAGES = (JSONPATH, JSONATA)
NAME_CHARS_MAX = 80
EVENTS_MAX = 25_000
_CAN_RETRY = ("Task", "Parallel", "Map")
_DOWNGRADE = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"


def read_machine(document: Json, diagnostics: Diagnostics, identity: Identity, limits: Limits) -> Program:
    """Read a whole definition. What comes back is sound only when `diagnostics` has no errors."""
    place = Place()
    fields = Fields(document, place, Reading(diagnostics, identity, _language(document, JSONPATH)))
    fields.refuse_others(FIELDS)
    fields.one_of("QueryLanguage", LANGUAGES)
    fields.one_of("Version", ("1.0",))
    timeout_s = fields.whole_number("TimeoutSeconds", 1, SECONDS_MAX)
    if identity.is_express:
        timeout_s = min(timeout_s or EXPRESS_S_MAX, EXPRESS_S_MAX)
    body = _read_body(fields, 0)
    check_scopes(document, diagnostics)
    return Program(body=body, timeout_s=None if timeout_s is None else float(timeout_s), limits=limits)


def _language(value: Json, default: str) -> str:
    """Return the query language that an object sets; AWS takes every text but JSONPath for JSONata (measured 2026-09)."""
    written = value.get("QueryLanguage")
    return default if written is None else JSONPATH if written == JSONPATH else JSONATA


def _read_body(fields: Fields, depth: int) -> Body:
    """Read a machine: the whole, a branch, or an item processor; `depth` counts the composites around it."""
    fields.text("Comment")
    fields.require("States", "StartAt")
    start = fields.text("StartAt")
    states = fields.object("States")
    if states is None:
        return Body("", {})
    if depth > BODY_DEPTH_MAX:
        fields.reading.diagnostics.error(fields.place, "The states are too deeply nested", code=TOO_DEEP)
        return Body("", {})
    if not states.value:
        fields.error("States", EMPTY)
        return Body("", {})
    nodes = {name: _read_state(states, name, depth) for name in states.value}
    entry = (fields.value.get("StartAt"), fields.at("StartAt"))
    check_graph(states.value, states.place, entry, fields.reading.diagnostics)
    return Body(start or "", nodes)


def _read_state(states: Fields, name: str, depth: int) -> Node:
    place, value, reading = states.at(name), states.value[name], states.reading
    _note_name(reading, name, place)
    unread = Pass(name=name, title=name)
    if not isinstance(value, dict):
        reading.diagnostics.error(place, "Expected value of type Object")
        return unread
    fields = Fields(value, place, reading)
    fields.text("Comment")
    language = _read_language(fields)
    if not fields.require("Type"):
        return unread
    kind = value["Type"]
    state_type = TYPES.get(kind) if isinstance(kind, str) else None
    if state_type is None:
        hint = did_you_mean(kind, TYPES) if isinstance(kind, str) else ""
        fields.error("Type", f"The field 'Type' should have one of these values: [{', '.join(TYPES)}]", hint)
        return unread
    refuse_by_mode(fields, {**COMMON, **state_type.fields}, language)
    next_state = _read_next(fields) if state_type.goes_on else None
    slots = slots_of(fields, language, kind)
    return state_type.read(State(name, next_state, fields, language, depth, slots, _read_body))


def read_alone(name: str, state: Mapping[str, Json], language: str, identity: Identity) -> tuple[Node, Fields, Slots]:
    """Read one sound state of a machine in `language`, apart from the others; return it with what compiles its data flow."""
    states = Fields({name: state}, Place(), Reading(Diagnostics(), identity, language))
    fields = Fields(state, states.at(name), states.reading)
    return _read_state(states, name, 0), fields, slots_of(fields, _language(state, language), state["Type"])


def _note_name(reading: Reading, name: str, place: Place) -> None:
    if not name or len(name) > NAME_CHARS_MAX:
        text = "State name cannot be empty" if not name else f"State name exceeds {NAME_CHARS_MAX} characters"
        reading.diagnostics.error(place, text, code="INVALID_STATE_NAME")
    if name in reading.names:
        hint = f"there is one at {reading.names[name].location}"
        reading.diagnostics.error(place, f"Duplicate State name: {name}", code=DUPLICATE_STATE, hint=hint)
    reading.names.setdefault(name, place)


def _read_language(fields: Fields) -> str:
    machine = fields.reading.language
    fields.one_of("QueryLanguage", LANGUAGES)
    language = _language(fields.value, machine)
    if language == JSONPATH and machine == JSONATA:
        fields.error_here(_DOWNGRADE, caret="QueryLanguage")
        return machine
    return language


def _read_next(fields: Fields) -> str | None:
    fields.exactly_one("Next", "End")
    if fields.boolean("End") is False:
        fields.error("End", "The field 'End' should have one of these values: [true]")
    return fields.text("Next")


def slots_of(fields: Fields, language: str, kind: str) -> Slots:
    """Return what compiles the data flow of a state of type `kind`."""
    counts, identity = kind in _CAN_RETRY, fields.reading.identity
    context = context_in(identity, counts_retries=counts)
    arn = fields.value.get("Resource")
    resource = resource_of(arn) if kind == "Task" and isinstance(arn, str) else None
    token = context_in(identity, counts_retries=counts, gives_token=True) if resource and gives_token(resource) else context
    if language == JSONATA:
        return ExpressionSlots(fields, context, token)
    return PathSlots(fields, context, token)
