"""Map runs on the bare kernel: the executions of the items are runs of their own, one after the other, in no time at all."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from conductor_local.engine.effects import Invoke
from conductor_local.engine.items import item_values
from conductor_local.engine.state import Status
from conductor_local.functions.map_run.batches import parts_of
from conductor_local.functions.map_run.buckets import BucketError
from conductor_local.functions.map_run.children import OVER
from conductor_local.functions.map_run.order import Order, RunFailed
from conductor_local.functions.map_run.readers import read_items
from conductor_local.language import compile, from_document
from conductor_local.language.asl import Identity, machine_of_items
from conductor_local.payload import Payload
from conductor_local.program import items_in
from conductor_local.testing.kernel import Run

from .cases import ACCOUNT, REGION, ROLE_ARN, Case
from .services import Reply

Json = Any


@dataclass(frozen=True, slots=True)
class Objects:
    """Buckets that hold what the recording put into them."""

    bodies: dict[str, dict[str, str]]

    def get(self, bucket: str, key: str, version: str | None = None) -> bytes:
        if key not in self.bodies.get(bucket, {}):
            raise BucketError("The specified key does not exist.")
        return self.bodies[bucket][key].encode()

    def objects(self, bucket: str, prefix: str) -> Iterator[dict[str, Json]]:
        for key, body in sorted(self.bodies[bucket].items()):
            if key.startswith(prefix):
                told = {"Etag": f'"{key}"', "LastModified": 0, "Key": key, "Size": len(body), "StorageClass": "STANDARD"}
                yield told

    def put(self, bucket: str, key: str, body: bytes) -> None:
        self.bodies[bucket][key] = body.decode()


def perform(case: Case, kernel: Run, work: Invoke, place: str) -> Reply:
    """Answer the call that stands for a map run; `place` is where in the definition the kernel's machine is."""
    try:
        return Reply(outcome=_outputs(case, kernel, work, f"{place}{work.resource.name}"))
    except RunFailed as failed:
        return Reply(outcome=failed.failure)


def _outputs(case: Case, kernel: Run, work: Invoke, place: str) -> list[Json]:
    from .driver import run

    order = msgspec.convert(work.arguments.value, Order)
    objects: Any = Objects(case.objects)
    items = list(items_in(order.items)) if order.reader is None else read_items(order.reader, objects)
    value_of = item_values(kernel.program, kernel.execution, work.id)
    assert value_of is not None
    assert isinstance(items, list)
    machine, is_express = machine_of_items(case.definition, place)
    identity = Identity(region=REGION, account=ACCOUNT, role_arn=ROLE_ARN, is_express=is_express)
    program = compile(from_document(machine), identity=identity, dialect="asl").program
    ended = [
        run(program, Payload(part.input).encoded.decode(), case, place=place) for part in parts_of(items, value_of, order.batcher)
    ]
    succeeded = [child.output for child in ended if child.status is Status.SUCCEEDED]
    if not order.tolerates(len(ended) - len(succeeded), len(items)):
        raise OVER
    return succeeded
