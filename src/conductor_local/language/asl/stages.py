"""What becomes of the data in one state, stage by stage, under AWS's names (API reference, `InspectionData`).

    stages = read_stages("Charge", state)                         # the state's JSON; once for each state
    seen = stages.seen(RecordedScope(input=…, has_result=True, result=…, …))
    [(stage.name, stage.value) for stage in seen.stages]          # seen.error: why it goes no further; None: it went through

JSONPath   input afterInputPath afterParameters | result afterResultSelector afterResultPath output variables
JSONata    input afterArguments | result output variables
Map        after the input: afterItemsPath (JSONata: afterItems), afterItemsPointer where a reader cuts a part out of a file,
           afterItemSelector, afterItemBatcher, maxConcurrency, toleratedFailureCount, toleratedFailurePercentage

Rules: only stages that the type of state has are shown, a Map's limits and selectors only where they are written, variables only
where there are any. A state without a result (`has_result`) stops before it; with a `failure` that one of its Catchers takes,
`output` and `variables` are the Catcher's. Everything is evaluated by the slots that the state itself runs with, in the order in
which the engine does it, so that randomness comes out the same. The state must be sound: its problems are not told here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from conductor_local.errors import EvaluationError
from conductor_local.language.asl.batches import batches_of
from conductor_local.language.asl.dataflow import PathSlots
from conductor_local.language.asl.fields import JSONPATH, Fields
from conductor_local.language.asl.identity import Identity
from conductor_local.language.asl.parse import read_alone
from conductor_local.language.asl.recorded_scope import RecordedScope
from conductor_local.language.asl.state import Slots
from conductor_local.payload import Json
from conductor_local.program import Choice, Expr, Map, MapRun, Node, Rule, items_in

WORK = frozenset({"Task", "Parallel", "Map"})
"""Types whose result comes from elsewhere."""
_SHAPED = WORK | {"Pass"}


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: AWS's name, and the value as it was then."""

    name: str
    value: Json


@dataclass(frozen=True, slots=True)
class Seen:
    """The stages that were reached, in order, and why no further one was."""

    stages: tuple[Stage, ...]
    error: EvaluationError | None = None


def read_stages(name: str, state: Mapping[str, Json], language: str = JSONPATH, *, identity: Identity | None = None) -> "Stages":
    """Compile the stages of a state; `language` is its machine's, which the state's own overrules."""
    return Stages(*read_alone(name, state, language, identity or Identity()))


class Stages:
    """The stages of one state."""

    __slots__ = ("_fields", "_kind", "_limits", "_node", "_parameters", "_slots")

    def __init__(self, node: Node, fields: Fields, slots: Slots) -> None:
        self._node, self._fields, self._slots = node, fields, slots
        self._kind: str = fields.value["Type"]
        self._parameters = slots.arguments("Parameters") if self._kind in _SHAPED - {"Map"} else slots.arguments()
        self._limits = _limits(slots) if self._kind == "Map" else {}

    def seen(self, scope: RecordedScope) -> Seen:
        """Evaluate every stage that the state reached."""
        found: list[Stage] = []
        try:
            for stage in self.each(scope):
                found.append(stage)  # noqa: PERF402 - what was found before an error stays
        except EvaluationError as error:
            return Seen(tuple(found), error)
        return Seen(tuple(found))

    def each(self, scope: RecordedScope, *, items_max: int | None = None) -> Iterator[Stage]:
        """Yield every stage as soon as it is evaluated; of a Map's items only the first `items_max`. Raises `EvaluationError`."""
        yield Stage("input", scope.input)
        given = scope.input
        for stage in self._into(replace(scope, now=scope.entered_at), items_max):
            given = stage.value if stage.name in ("afterInputPath", "afterParameters", "afterArguments") else given
            yield stage
        if scope.failure is not None:
            yield from self._caught(scope)
        elif self._kind in WORK:
            if scope.has_result:
                yield Stage("result", scope.result)
                yield from self._out(scope)
        elif self._kind == "Pass":
            result = self._fields.value.get("Result", given)
            yield Stage("result", result)
            yield from self._out(replace(scope, result=result))
        elif self._kind != "Fail":
            yield from self._out(replace(scope, result=given))

    # into the work

    def _into(self, scope: RecordedScope, items_max: int | None) -> Iterator[Stage]:
        if isinstance(self._slots, PathSlots):
            yield Stage("afterInputPath", self._slots.effective_input(scope))
            if self._kind in _SHAPED - {"Map"}:
                yield Stage("afterParameters", _value(self._parameters, scope))
        elif self._kind in ("Task", "Parallel"):
            yield Stage("afterArguments", _value(self._parameters, scope))
        if isinstance(self._node, Map | MapRun):
            yield from self._items(self._node, scope, items_max)

    def _items(self, node: Map | MapRun, scope: RecordedScope, items_max: int | None) -> Iterator[Stage]:
        """Show the items as far as they are known, then the limits."""
        items = scope.items_read
        if node.items is not None:
            items = node.items(scope)
            yield Stage("afterItemsPath" if isinstance(self._slots, PathSlots) else "afterItems", items)
        order = node.order(scope) if isinstance(node, MapRun) else {}
        if items is not None:
            yield from self._values(node, items, order, scope, items_max)
        for name, limit in self._limits.items():
            yield Stage(name, limit(scope))

    def _values(
        self, node: Map | MapRun, items: Json, order: dict[str, Json], scope: RecordedScope, items_max: int | None
    ) -> Iterator[Stage]:
        if "ItemsPointer" in order.get("reader", {}).get("ReaderConfig", {}):
            yield Stage("afterItemsPointer", items)
        chosen = islice(items_in(items), items_max)
        values = [item.whole if node.item is None else node.item(replace(scope, item=item)) for item in chosen]
        if node.item is not None:
            yield Stage("afterItemSelector", values)
        if batcher := order.get("batcher"):
            given = {name: value for name, value in batcher.items() if name == "BatchInput"}
            limits = batcher.get("MaxItemsPerBatch"), batcher.get("MaxInputBytesPerBatch")
            yield Stage("afterItemBatcher", list(batches_of(values, *limits, given)))

    # out of it

    def _out(self, scope: RecordedScope) -> Iterator[Stage]:
        node = self._node
        leaving: Node | Rule = node
        if isinstance(node, Choice):
            leaving = next((rule for rule in node.rules if rule.condition(scope)), node)
        assigned: dict[str, Json] = _value(leaving.assign, scope, {})
        if isinstance(self._slots, PathSlots) and self._kind in _SHAPED:
            yield from self._by_paths(self._slots, scope)
        else:
            yield Stage("output", _value(leaving.output, scope, scope.result))
        yield from _variables(scope, assigned)

    def _by_paths(self, slots: PathSlots, scope: RecordedScope) -> Iterator[Stage]:
        select, write, cut = slots.selector(), slots.result_writer(self._fields), slots.cut()
        value = scope.result if select is None else select(scope.result, scope)
        yield Stage("afterResultSelector", value)
        value = value if write is None else write(scope.input, value, scope)
        yield Stage("afterResultPath", value)
        yield Stage("output", value if cut is None else cut(value, scope))

    def _caught(self, scope: RecordedScope) -> Iterator[Stage]:
        assert scope.failure is not None
        catcher = next((one for one in self._node.catch if one.matches(scope.failure)), None)
        if catcher is None:
            return
        assigned = _value(catcher.assign, scope, {})
        yield Stage("output", _value(catcher.output, scope))
        yield from _variables(scope, assigned)


def _limits(slots: Slots) -> dict[str, Expr]:
    """Return the limits of a Map; MaxConcurrency has a default that is shown, the others are shown where they are written."""
    found = {
        "maxConcurrency": slots.count("MaxConcurrency") or (lambda _scope: 0),
        "toleratedFailureCount": slots.count("ToleratedFailureCount"),
        "toleratedFailurePercentage": slots.percentage("ToleratedFailurePercentage"),
    }
    return {name: limit for name, limit in found.items() if limit is not None}


_ABSENT = object()


def _value(expr: Expr | None, scope: RecordedScope, default: Json = _ABSENT) -> Json:
    """Evaluate a slot; one that is not there gives the default, without one the state's input."""
    if expr is None:
        return scope.input if default is _ABSENT else default
    return expr(scope)


def _variables(scope: RecordedScope, assigned: Mapping[str, Json]) -> Iterator[Stage]:
    if variables := {**scope.variables, **assigned}:
        yield Stage("variables", variables)
