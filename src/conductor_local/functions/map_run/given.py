"""Items out of a text that is at hand, as an ItemReader would find them in a file of that text; nothing is read from a bucket."""

from collections.abc import Iterator
from itertools import islice

import msgspec

from conductor_local.functions.map_run.formats import Found, found_in
from conductor_local.functions.map_run.order import Reader, RunFailed, reader_failed
from conductor_local.functions.map_run.readers import limit_of
from conductor_local.payload import Json, Payload
from conductor_local.runtime.ports import Failed, Succeeded, TaskCall


def given_items(call: TaskCall) -> Succeeded | Failed:
    """Return the items for a call of kind `MAP_ITEMS`: a list, or an object of those that have keys."""
    asked = call.invoke.arguments.value
    reader = msgspec.convert(asked["reader"], Reader)
    try:
        found = list(islice(_found(reader, asked["body"].encode()), limit_of(reader.reader_config)))
    except RunFailed as error:
        return Failed(error.failure)
    named = {key: value for key, value in found if key is not None}
    return Succeeded(Payload(named or [value for _, value in found]))


def _found(reader: Reader, body: bytes) -> Iterator[Found]:
    config = reader.reader_config
    if reader.resource.endswith(":listObjectsV2") and config.get("Transformation") != "LOAD_AND_FLATTEN":
        return ((None, told) for told in _listed(body))
    if config.get("InputType", "MANIFEST") == "MANIFEST":
        raise reader_failed("The files that a manifest lists cannot be given.")
    return found_in(body, config)


def _listed(body: bytes) -> list[Json]:
    """Read the list of objects that a text is."""
    try:
        return msgspec.json.decode(body, type=list[Json])
    except msgspec.DecodeError as error:
        raise reader_failed(f"The list of objects cannot be used: {error}.") from None
