"""The ItemReader of a distributed Map: where its items come from (reference sheet 15.2)."""

from collections.abc import Callable

from conductor_local.language.asl.dataflow import PathSlots
from conductor_local.language.asl.fields import JSONPATH, Fields
from conductor_local.language.asl.modes import refuse_by_mode
from conductor_local.language.asl.state import State
from conductor_local.language.expr import data_path
from conductor_local.payload import Json
from conductor_local.program import Expr, Scope

GET, LIST = "arn:aws:states:::s3:getObject", "arn:aws:states:::s3:listObjectsV2"
ITEMS_MAX = 100_000_000
_READER = {"Resource": "B", "Parameters": "P", "Arguments": "A", "ReaderConfig": "B"}
_CONFIG = {
    "InputType": "B", "ManifestType": "B", "Transformation": "B", "CSVHeaderLocation": "B", "CSVHeaders": "B", "CSVDelimiter": "B",
    "ItemsPointer": "B", "MaxItems": "B", "MaxItemsPath": "P",
}  # fmt: skip
_INPUT_TYPES = ("CSV", "JSON", "JSONL", "PARQUET", "MANIFEST")
_ATHENA_TYPES = ("CSV", "JSONL", "PARQUET")


def read_reader(state: State) -> Expr | None:
    """Return the slot for what the reader is told: the call's name, its parameters and the configuration."""
    reader = state.fields.object("ItemReader")
    if reader is None:
        return None
    refuse_by_mode(reader, _READER, state.language)
    reader.require("Resource")
    resource = reader.one_of("Resource", (GET, LIST))
    reader.exactly_one("Parameters", "Arguments")
    parameters = state.slots.inside(reader).arguments("Parameters")
    config = reader.object("ReaderConfig")
    if config is None and resource == GET:
        reader.require("ReaderConfig")
    constants = {} if config is None else _read_config(config, state.language, is_list=resource == LIST)
    limit = None if config is None else _limit(config, state)

    def order(scope: Scope) -> Json:
        wanted = dict(constants)
        if limit is not None:
            wanted |= limit(scope)
        return {"Resource": resource, "Parameters": {} if parameters is None else parameters(scope), "ReaderConfig": wanted}

    return order


def _read_config(config: Fields, language: str, *, is_list: bool) -> dict[str, Json]:
    refuse_by_mode(config, _CONFIG, language)
    read: dict[str, Json] = {
        "InputType": config.one_of("InputType", _INPUT_TYPES),
        "ManifestType": config.one_of("ManifestType", ("ATHENA_DATA", "S3_INVENTORY")),
        "Transformation": config.one_of("Transformation", ("NONE", "LOAD_AND_FLATTEN")),
        "CSVHeaderLocation": config.one_of("CSVHeaderLocation", ("FIRST_ROW", "GIVEN")),
        "CSVDelimiter": config.one_of("CSVDelimiter", ("COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB")),
        "ItemsPointer": _pointer(config),
        "CSVHeaders": _headers(config),
    }
    _check_types(config, read, is_list=is_list)
    if read["InputType"] == "CSV":
        config.require("CSVHeaderLocation")
    if read["CSVHeaderLocation"] == "GIVEN":
        config.require("CSVHeaders")
    return {name: value for name, value in read.items() if value is not None}


def _check_types(config: Fields, read: dict[str, Json], *, is_list: bool) -> None:
    """Note which types of files go together with which kind of manifest (AWS, "ItemReader")."""
    if read["ManifestType"] == "S3_INVENTORY":
        if "InputType" in config:
            config.error("InputType", "InputType cannot be specified when ManifestType is S3_INVENTORY")
    elif not is_list or read["Transformation"] == "LOAD_AND_FLATTEN":
        config.require("InputType")
    if read["ManifestType"] == "ATHENA_DATA" and read["InputType"] is not None and read["InputType"] not in _ATHENA_TYPES:
        config.error("InputType", f"The field 'InputType' should have one of these values: [{', '.join(_ATHENA_TYPES)}]")


def _pointer(config: Fields) -> str | None:
    text = config.text("ItemsPointer")
    if text is not None and text != "" and not text.startswith("/"):
        config.error("ItemsPointer", "Value is not a valid JSON Pointer")
    return text


def _headers(config: Fields) -> list[str] | None:
    """Return the names of columns; that they differ is found out when the items are read, as AWS does (recorded 2023)."""
    if "CSVHeaders" not in config:
        return None
    found = []
    for place, header in config.items("CSVHeaders"):
        if not isinstance(header, str):
            config.reading.diagnostics.error(place, "Expected value of type String")
        found.append(header)
    return found


def _limit(config: Fields, state: State) -> Callable[[Scope], dict[str, Json]] | None:
    """Return what gives MaxItems. 0 is no limit (AWS, recorded 2024); what a path leads to is judged when the items are read."""
    slots = state.slots.inside(config)
    config.at_most_one("MaxItems", "MaxItemsPath")
    if state.language != JSONPATH:
        count = slots.number("MaxItems", 0, ITEMS_MAX)
        return None if count is None else lambda scope: {"MaxItems": count(scope)}
    assert isinstance(slots, PathSlots)
    literal = config.whole_number("MaxItems", 0, ITEMS_MAX)
    if literal is not None:
        return lambda _scope: {"MaxItems": literal}
    path = slots.path("MaxItemsPath", may_read_context=False)
    if path is None:
        return None
    read, effective = data_path(path, slots.context), slots.effective_input
    return lambda scope: {"MaxItems": read(effective(scope), scope), "MaxItemsPath": path.text}
