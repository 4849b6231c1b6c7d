"""Activities as AWS's API has them: records by ARN. Who waits for whom is not told here but in `functions/activity.py`."""

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from conductor_local.errors import Conflict, NotFound
from conductor_local.payload import Json, Payload
from conductor_local.runtime.ports import Clock, Store
from conductor_local.runtime.records import Record

KIND = "activity"


class Activity(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """An activity; `encryption` as it was given."""

    arn: str
    name: str
    created_at: datetime
    encryption: dict[str, Json] | None = None
    tags: dict[str, str] = {}


_decode = msgspec.json.Decoder(Activity).decode


class ActivityRegister:
    """The activities of one store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def create(
        self, arn: str, name: str, *, tags: dict[str, str] | None = None, encryption: dict[str, Json] | None = None
    ) -> Activity:  # fmt: skip
        """Store a new activity, or return the one that is there. Raises `Conflict` when that is encrypted in another way."""
        made = Activity(arn=arn, name=name, created_at=self._clock.now(), encryption=encryption, tags=tags or {})
        while True:
            try:
                await self._store.put_record(_record(made), replaces=None)
                return made
            except Conflict:
                record = await self._store.record(KIND, arn)
            if record is None:
                continue  # it was there and is deleted again
            found = _decode(record.value.encoded)
            if found.encryption != encryption:
                raise Conflict(f"The activity {arn} is there with another encryption configuration.")
            return found

    async def exists(self, arn: str) -> bool:
        """Whether there is such an activity."""
        return await self._store.record(KIND, arn) is not None

    async def find(self, arn: str) -> Activity:
        """Raises `NotFound`."""
        return _decode((await self._record(arn)).value.encoded)

    async def all(self) -> Sequence[Activity]:
        """Return all, by ARN."""
        return [_decode(record.value.encoded) for record in await self._store.records(KIND)]

    async def retag(self, arn: str, edit: Callable[[dict[str, str]], dict[str, str]]) -> None:
        """Give an activity the tags that `edit` makes of those it has. Raises `NotFound` and what `edit` raises."""
        while True:
            old = await self._record(arn)
            activity = _decode(old.value.encoded)
            new = _record(replace(activity, tags=edit(activity.tags)))
            try:
                await self._store.put_record(replace(new, revision=old.revision + 1), replaces=old.revision)
                return
            except Conflict:
                continue

    async def delete(self, arn: str) -> None:
        """Forget an activity; calls that wait for a worker go on waiting."""
        await self._store.delete_record(KIND, arn)

    async def _record(self, arn: str) -> Record:
        record = await self._store.record(KIND, arn)
        if record is None:
            raise NotFound(f"The activity {arn} does not exist.")
        return record


def _record(activity: Activity) -> Record:
    return Record(kind=KIND, key=activity.arn, value=Payload.from_encoded(msgspec.json.encode(activity)))
