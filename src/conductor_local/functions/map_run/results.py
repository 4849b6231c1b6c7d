"""What a map run gives: the outputs of its executions in the order of the items, or where they were written.

Written are `SUCCEEDED_0.json`, `FAILED_0.json` and `manifest.json` below `<prefix>/<run>/`, in the forms of AWS (reference sheet
15.2). An execution that failed and was tolerated is left out of the result; it stands in the file of failures.
"""

from collections.abc import Iterable, Sequence
from itertools import chain

import msgspec

from conductor_local.engine.state import Head, Status
from conductor_local.functions.executions_answers import status_of
from conductor_local.functions.map_run.buckets import BucketError, Buckets
from conductor_local.functions.map_run.children import Children
from conductor_local.functions.map_run.order import Writer, writer_failed
from conductor_local.payload import NULL, Json, Payload
from conductor_local.runtime.views import timestamp


def result_of(children: Children, buckets: Buckets) -> Payload:
    """Return the result of a run that is over. Blocks while it writes. Raises `RunFailed`."""
    heads = [head for _, (_, head) in sorted(children.ended.items()) if head is not None]
    succeeded = [head for head in heads if head.status is Status.SUCCEEDED]
    writer = children.order.writer
    if writer is None:
        return Payload.of_list([head.output or NULL for head in succeeded])
    if writer.parameters is msgspec.UNSET:
        return Payload(_shown(_transformed(succeeded, writer, children), writer))
    failed = [head for head in heads if head.status is not Status.SUCCEEDED]
    return Payload(_export(children, writer, {"FAILED": failed, "SUCCEEDED": succeeded}, buckets))


def _shown(records: list[Json], writer: Writer) -> Json:
    """Return results that are not written: a list, or one text of JSON Lines."""
    return _lines(records).decode() if writer.writer_config.get("OutputType") == "JSONL" else records


def _lines(records: list[Json]) -> bytes:
    return b"".join(msgspec.json.encode(record) + b"\n" for record in records)


def _transformed(heads: Sequence[Head], writer: Writer, children: Children) -> list[Json]:
    transformation = writer.writer_config.get("Transformation", "NONE")
    if transformation == "NONE":
        return [_record(head, children) for head in heads]
    outputs: Iterable[Json] = ((head.output or NULL).value for head in heads)
    if transformation == "COMPACT":
        return list(outputs)
    return list(chain.from_iterable(output if isinstance(output, list) else [output] for output in outputs))


def _export(children: Children, writer: Writer, found: dict[str, list[Head]], buckets: Buckets) -> Json:
    bucket, folder = _destination(children, writer)
    try:
        files = {
            status: _write(buckets, bucket, f"{folder}/{status}_0", heads, writer, children) for status, heads in found.items()
        }
        manifest = {
            "DestinationBucket": bucket, "MapRunArn": map_run_arn(children),
            "ResultFiles": {"FAILED": files["FAILED"], "PENDING": [], "SUCCEEDED": files["SUCCEEDED"]},
        }  # fmt: skip
        buckets.put(bucket, f"{folder}/manifest.json", msgspec.json.encode(manifest))
    except BucketError as error:
        raise writer_failed(str(error)) from None
    return {
        "MapRunArn": map_run_arn(children),
        "ResultWriterDetails": {"Bucket": bucket, "Key": f"{folder}/manifest.json"},
    }


def _destination(children: Children, writer: Writer) -> tuple[str, str]:
    """Return bucket and folder."""
    parameters = writer.parameters if isinstance(writer.parameters, dict) else {}
    bucket, prefix = parameters.get("Bucket"), parameters.get("Prefix", "")
    if not isinstance(bucket, str) or not bucket or not isinstance(prefix, str):
        raise writer_failed("ResultWriter needs the text Bucket, and Prefix is a text, in its Parameters.")
    if others := sorted(parameters.keys() - {"Bucket", "Prefix"}):
        raise writer_failed(f"ResultWriter does not know the parameter {others[0]}.")
    return bucket, f"{prefix.rstrip('/')}/{children.order.run}".lstrip("/")


def _write(
    buckets: Buckets, bucket: str, name: str, heads: Sequence[Head], writer: Writer, children: Children
) -> list[Json]:  # fmt: skip
    """Write a file, unless there is nothing to be in it; return how the manifest lists it. Failures are always whole records."""
    if not heads:
        return []
    is_failure = heads[0].status is not Status.SUCCEEDED
    records = [_record(head, children) for head in heads] if is_failure else _transformed(heads, writer, children)
    if writer.writer_config.get("OutputType") == "JSONL":
        body, key = _lines(records), f"{name}.jsonl"
    else:
        body, key = msgspec.json.encode(records), f"{name}.json"
    buckets.put(bucket, key, body)
    return [{"Key": key, "Size": len(body)}]


def _record(head: Head, children: Children) -> Json:
    """Describe one execution."""
    machine_arn = children.item_home.machine_arn(head.definition_id, head.definition_name)
    arn = children.item_home.execution_arn(machine_arn, head.id, head.name)
    ended = {} if head.output is None else {"Output": head.output.encoded.decode(), "OutputDetails": {"Included": True}}
    if head.failure is not None:
        told = {"Error": head.failure.error, "Cause": head.failure.cause}
        ended |= {name: text for name, text in told.items() if text is not None}
    record: dict[str, Json] = {
        "ExecutionArn": arn, "Input": head.input.encoded.decode(), "InputDetails": {"Included": True},
        "MapRunArn": map_run_arn(children), "Name": head.name, **ended, "RedriveCount": head.redrives,
        "StartDate": timestamp(head.started_at), "StateMachineArn": machine_arn, "Status": status_of(head),
        "StopDate": timestamp(head.ended_at or head.at),
    }  # fmt: skip
    return dict(sorted(record.items()))


def map_run_arn(children: Children) -> str:
    """Name the run as the history does."""
    parent = children.parent
    arn = children.home.machine_arn(parent.definition_id, parent.definition_name).replace(":stateMachine:", ":mapRun:", 1)
    return f"{arn}/{children.order.label}:{children.order.run}"
