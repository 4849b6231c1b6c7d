"""A distributed Map: a MapRun node, and the machine that each of its child executions runs (reference sheet 15.2).

Rules: items are those of a list or of an object, unless a reader gives them. The order that the node makes uses the words of
the specification inside `reader`, `batcher` and `writer`. Child executions know nothing of the state machine around them but what
their input says: neither variables nor context.
"""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2b

from conductor_local.language.asl.fields import Fields
from conductor_local.language.asl.handlers import read_catch, read_retry
from conductor_local.language.asl.map_run_reader import read_reader
from conductor_local.language.asl.modes import refuse_by_mode
from conductor_local.language.asl.state import State
from conductor_local.payload import Json
from conductor_local.program import Expr, MapRun, Scope

EXPRESS, STANDARD = "EXPRESS", "STANDARD"
ITEMS_PER_BATCH_MAX, BATCH_BYTES_MAX = 100_000_000, 262_144
_BATCHER = {
    "MaxItemsPerBatch": "B", "MaxItemsPerBatchPath": "P", "MaxInputBytesPerBatch": "B", "MaxInputBytesPerBatchPath": "P",
    "BatchInput": "B",
}  # fmt: skip
_WRITER = {"Resource": "B", "Parameters": "P", "Arguments": "A", "WriterConfig": "B"}
_WRITER_CONFIG = ("Transformation", "OutputType")
_PUT = "arn:aws:states:::s3:putObject"
_PROCESSOR_FIELDS = ("StartAt", "States", "Comment", "Version", "ProcessorConfig")

Slot = tuple[str, Expr | None]


def read_map_run(state: State, processor: Fields) -> MapRun:
    """Read a Map whose processor is distributed."""
    fields, slots = state.fields, state.slots
    if fields.reading.identity.is_express:
        fields.error_here("Express state machine does not support Distributed Map", caret="ItemProcessor")
    _read_machine(state, processor)
    reader = read_reader(state)
    order: list[Slot] = [
        ("concurrency", slots.count("MaxConcurrency")),
        ("toleratedCount", slots.count("ToleratedFailureCount")),
        ("toleratedPercentage", slots.percentage("ToleratedFailurePercentage")),
        ("reader", reader),
        ("batcher", _read_batcher(state)),
        ("writer", _read_writer(state)),
    ]
    return MapRun(
        name=state.name, title=state.name, next=state.next,
        arguments=slots.arguments(), output=slots.output(), assign=slots.assign(),
        retry=read_retry(fields), catch=read_catch(state),
        processor=processor.place.pointer, label=_label(fields, processor), order=object_of(order),
        items=slots.items(may_be_object=True) if reader is None else None, item=slots.item(),
    )  # fmt: skip


def object_of(slots: list[Slot]) -> Expr:
    """Return a slot that makes an object of those slots that there are."""
    present = [(name, slot) for name, slot in slots if slot is not None]

    def made(scope: Scope) -> Json:
        return {name: slot(scope) for name, slot in present}

    return made


def _label(fields: Fields, processor: Fields) -> str:
    """Return the label, else one in the form of those that AWS generates; it follows from the place of the state."""
    given = fields.value.get("Label")
    if isinstance(given, str):
        return given
    digest = blake2b(processor.place.pointer.encode(), digest_size=16).hexdigest()
    return "-".join((digest[:8], digest[8:12], f"4{digest[13:16]}", f"8{digest[17:20]}", digest[20:]))


def _read_machine(state: State, processor: Fields) -> None:
    """Read the machine of the child executions for what is wrong with it; they compile it themselves."""
    processor.refuse_others(_PROCESSOR_FIELDS)
    reading = processor.reading
    if _is_express(processor.value):
        reading = replace(reading, identity=replace(reading.identity, is_express=True))
    state.read_body(Fields(processor.value, processor.place, reading), state.depth + 1)


def _is_express(processor: Mapping[str, Json]) -> bool:
    config = processor.get("ProcessorConfig")
    return isinstance(config, dict) and config.get("ExecutionType") == EXPRESS


def _read_batcher(state: State) -> Expr | None:
    batcher = state.fields.object("ItemBatcher")
    if batcher is None:
        return None
    refuse_by_mode(batcher, _BATCHER, state.language)
    slots = state.slots.inside(batcher)
    items = slots.number("MaxItemsPerBatch", 1, ITEMS_PER_BATCH_MAX)
    size = slots.number("MaxInputBytesPerBatch", 1, BATCH_BYTES_MAX)
    if not any(name in batcher for name in _BATCHER if name != "BatchInput"):
        batcher.error_here("There should be one of the following fields: [MaxItemsPerBatch, MaxInputBytesPerBatch]")
    given = slots.template("BatchInput")
    return object_of([("MaxItemsPerBatch", items), ("MaxInputBytesPerBatch", size), ("BatchInput", given)])


def _read_writer(state: State) -> Expr | None:
    writer = state.fields.object("ResultWriter")
    if writer is None:
        return None
    refuse_by_mode(writer, _WRITER, state.language)
    if not writer.value:
        state.fields.error("ResultWriter", "Value cannot be empty")
    resource = writer.text("Resource")
    if resource is not None and resource != _PUT:
        writer.error("Resource", f"The field 'Resource' should have one of these values: [{_PUT}]")
    config = _writer_config(writer)
    slots: list[Slot] = [("WriterConfig", lambda _scope: config)]
    if resource is not None:
        writer.exactly_one("Parameters", "Arguments")
        slots.append(("Parameters", state.slots.inside(writer).arguments("Parameters")))
    return object_of(slots)


def _writer_config(writer: Fields) -> dict[str, str]:
    config = writer.object("WriterConfig")
    if config is None:
        return {}
    config.refuse_others(_WRITER_CONFIG)
    read = {
        "Transformation": config.one_of("Transformation", ("NONE", "COMPACT", "FLATTEN")),
        "OutputType": config.one_of("OutputType", ("JSON", "JSONL")),
    }
    return {name: word for name, word in read.items() if word is not None}


def machine_of_items(document: Mapping[str, Json], pointer: str) -> tuple[dict[str, Json], bool]:
    """Return the processor at a pointer as a state machine of its own, and whether its executions are of type Express.

    `pointer` may lead through several distributed Maps. Raises LookupError when there is none at that place.
    """
    found: Json = document
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        found = found[int(key)] if isinstance(found, list) else found[key]
    machine = {name: value for name, value in found.items() if name != "ProcessorConfig"}
    if "QueryLanguage" in document:
        machine["QueryLanguage"] = document["QueryLanguage"]
    return machine, _is_express(found)
