"""What became of the data in one visit of a state, stage by stage: worked out from what was recorded (`language/asl/stages.py`).

Rules: what was recorded is shown as it was; what lies between is evaluated again by the state's own expressions. What these drew
of the execution's randomness was not recorded, so a value that depends on it is not known. Values are masked.
"""

from collections.abc import Iterator

import msgspec

from conductor_local.engine import events as ev
from conductor_local.engine.events import AnyEvent
from conductor_local.engine.state import Head
from conductor_local.errors import EvaluationError, NotFound
from conductor_local.language.asl.identity import Identity
from conductor_local.language.asl.recorded_scope import RecordedScope
from conductor_local.language.asl.stages import WORK, Stage, read_stages
from conductor_local.masking import mask
from conductor_local.payload import Json, Payload
from conductor_local.program import Item
from conductor_local.runtime.definitions import ASL
from conductor_local.runtime.ports import Store
from conductor_local.runtime.programs import Programs
from conductor_local.runtime.visits import Visit, is_over, visit_at

ITEMS_MAX = 100
"""Items of a Map whose values are worked out."""
STAGE_BYTES_MAX = 1_048_576
"""JSON that one stage is shown with: a Map may make a copy of its input for every item."""
RANDOM = "It depends on random numbers, and which ones were drawn was not recorded."
_READ_MAX = 1_000  # events read at once
_OF_ITEMS = ("afterItemSelector", "afterItemBatcher")


class StageView(msgspec.Struct, kw_only=True):
    """One stage: its `value`, or why that is `unavailable`."""

    name: str
    value: Json | msgspec.UnsetType = msgspec.UNSET
    unavailable: str | msgspec.UnsetType = msgspec.UNSET


class StagesView(msgspec.Struct, kw_only=True):
    """The stages of a visit in order. `language` is JSONPath, JSONata or steps; `error` says why it went no further."""

    language: str
    stages: list[StageView]
    error: str | msgspec.UnsetType = msgspec.UNSET


class VisitStages:
    """Reads visits of one store."""

    def __init__(self, store: Store, programs: Programs) -> None:
        self._store, self._programs = store, programs

    async def of(self, head: Head, seq: int) -> StagesView:
        """Return the stages of the visit that began with the event `seq`. Raises `NotFound` when none did."""
        visit = visit_at(await self._events(head.id, seq), seq)
        if visit is None:
            raise NotFound(f"No state of instance {head.id} was entered by the event {seq}.")
        dialect, document, identity = await self._programs.document(head.definition)
        if dialect != ASL:
            return StagesView(language="steps", stages=[_shown(stage) for stage in _of_step(visit)])
        return _Machine(head, document, identity).stages(visit)

    async def _events(self, execution_id: str, seq: int) -> list[AnyEvent]:
        """Return the events up to the end of the visit that begins with `seq`."""
        events: list[AnyEvent] = []
        while True:
            batch = await self._store.events(execution_id, len(events), _READ_MAX)
            events.extend(batch)
            if len(batch) < _READ_MAX or (len(events) > seq > 0 and is_over(events[seq:], events[seq - 1])):
                return events


def _of_step(visit: Visit) -> Iterator[Stage]:
    """Show a step of the steps language: all of its stages are recorded."""
    yield Stage("input", visit.entered.input.value)
    yield Stage("arguments", (visit.arguments or visit.entered.arguments or visit.entered.input).value)
    if visit.result is not None:
        yield Stage("result", visit.result.value)
    if isinstance(visit.end, ev.NodeExited | ev.NodeCaught):
        yield Stage("output", visit.end.output.value)


class _Machine:
    """The state machine that an execution runs."""

    def __init__(self, head: Head, document: Json, identity: Identity) -> None:
        self._head, self._document, self._identity = head, document, identity

    def stages(self, visit: Visit) -> StagesView:
        """Work out every stage that the visit reached."""
        state = self._state(visit)
        shown = StagesView(language=state.get("QueryLanguage", self._language), stages=[])
        recorded, draws = _recorded(visit), _Draws()
        try:
            each = self._each(visit, draws)
            is_item_random = is_random = draws.taken
            for stage in each:
                is_result = stage.name == "result" and state["Type"] in WORK
                is_random = is_item_random if is_result else is_random or draws.taken
                draws.taken = False
                if stage.name in recorded:
                    shown.stages.append(_shown(Stage(stage.name, recorded[stage.name].value)))
                else:
                    shown.stages.append(StageView(name=stage.name, unavailable=RANDOM) if is_random else _shown(stage))
        except EvaluationError as error:
            shown.error = f"{error.error}: {error.message}"
        return shown

    def _each(self, visit: Visit, draws: "_Draws") -> Iterator[Stage]:
        stages = read_stages(visit.entered.node, self._state(visit), self._language, identity=self._identity)
        return stages.each(self._scope(visit, draws), items_max=ITEMS_MAX + 1)

    @property
    def _language(self) -> str:
        language: str = self._document.get("QueryLanguage", "JSONPath")
        return language

    def _state(self, visit: Visit) -> dict[str, Json]:
        machine, path = self._document, visit.entered.path
        for name, index in zip(path[::2], path[1::2], strict=True):
            state = machine["States"][name]
            machine = state["Branches"][index] if state["Type"] == "Parallel" else state.get("ItemProcessor") or state["Iterator"]
        found: dict[str, Json] = machine["States"][visit.entered.node]
        return found

    def _scope(self, visit: Visit, draws: "_Draws") -> RecordedScope:
        head, entered, end = self._head, visit.entered, visit.end
        return RecordedScope(
            input=entered.input.value, result=None if visit.result is None else visit.result.value,
            has_result=visit.result is not None, failure=end.failure if isinstance(end, ev.NodeCaught) else None,
            variables={name: value.value for name, value in visit.variables.items()}, node=entered.node, entered_at=entered.at,
            entered_event=entered.history_id, retries=visit.retries, item=self._item(visit, draws), execution_id=head.id,
            execution_name=head.name, execution_input=head.input.value, definition_id=head.definition_id,
            definition_name=head.definition_name, started_at=head.started_at, redrives=visit.redrives,
            now=head.at if end is None else end.at, draw=draws,
        )  # fmt: skip

    def _item(self, visit: Visit, draws: "_Draws") -> Item | None:
        """Return the innermost item that the visit belongs to: one of those that the Map around it had."""
        inner, around = visit, visit.around
        while around is not None and around.entered.kind != "map":
            inner, around = around, around.around
        if around is None:
            return None
        index = int(inner.entered.path[-1])
        items = next(stage.value for stage in self._each(around, draws) if stage.name in ("afterItemsPath", "afterItems"))
        return Item(index, items[index])


class _Draws:
    """Stands in for an execution's randomness, and tells whether any was asked for."""

    def __init__(self) -> None:
        self.taken = False

    def __call__(self) -> int:
        self.taken = True
        return 0


def _recorded(visit: Visit) -> dict[str, Payload]:
    """Return the stages that events tell, by name."""
    entered, end = visit.entered, visit.end
    found = dict.fromkeys(("afterParameters", "afterArguments"), visit.arguments or entered.arguments or entered.input)
    if isinstance(end, ev.NodeExited | ev.NodeCaught):
        found["output"] = end.output
        if isinstance(end, ev.NodeExited) and end.result is not None:
            found["result"] = end.result
        found["variables"] = Payload({name: value.value for name, value in {**visit.variables, **(end.assigned or {})}.items()})
    return found


def _shown(stage: Stage) -> StageView:
    value = mask(stage.value)
    if stage.name in _OF_ITEMS and len(value) > ITEMS_MAX:
        return StageView(name=stage.name, unavailable=f"It has more than {ITEMS_MAX} parts, which are not worked out here.")
    if (size := len(msgspec.json.encode(value))) > STAGE_BYTES_MAX:
        return StageView(name=stage.name, unavailable=f"It is {size:,} bytes; at most {STAGE_BYTES_MAX:,} are shown.")
    return StageView(name=stage.name, value=value)
