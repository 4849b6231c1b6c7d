"""Which version a start goes to."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from conductor_local.errors import NotFound
from conductor_local.program import Failure, Limits
from conductor_local.runtime.aliases import drawn, with_alias
from conductor_local.runtime.clock import SystemClock
from conductor_local.runtime.ids import mint
from conductor_local.runtime.machines import Machines
from conductor_local.runtime.programs import Programs
from conductor_local.runtime.records import Alias, Machine, Route
from conductor_local.runtime.revisions import Revision
from conductor_local.stores.memory import MemoryStore

AT = datetime(2026, 3, 1, tzinfo=UTC)
TEXT = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": %d, "End": true}}}'


def alias(*weights: int) -> Alias:
    routes = tuple(Route(version=number, weight=weight) for number, weight in enumerate(weights, 1))
    return Alias(name="prod", routes=routes, created_at=AT, updated_at=AT)


async def no_stop(id: str, failure: Failure) -> None:
    raise AssertionError("nothing runs here")


@pytest.fixture
async def machines() -> Machines:
    store = MemoryStore()
    machines = Machines(store, SystemClock(), Programs(store, Limits()), mint=mint, stop=no_stop)
    await machines.create("m", TEXT % 1, Machine(role_arn="arn:one"), publish=True)
    await machines.update("m", Revision(text=TEXT % 2, role_arn="arn:two"), publish=True)
    await machines.update("m", Revision(text=TEXT % 3))
    return machines


@pytest.mark.parametrize(("weights", "starts"), [((100,), {1: 100}), ((30, 70), {1: 30, 2: 70}), ((0, 100), {2: 100})])
def test_weights_are_shares_of_the_starts(weights: tuple[int, ...], starts: dict[int, int]) -> None:
    assert Counter(drawn(alias(*weights), bits) for bits in range(100)) == starts


async def test_a_start_resolves_to_a_document_and_a_role(machines: Machines) -> None:
    found = [await machines.resolve("m", qualifier) for qualifier in (None, "1", "2")]
    assert [(await machines.document(each.digest))[0] for each in found] == [TEXT % 3, TEXT % 1, TEXT % 2]
    assert [each.identity.role_arn for each in found] == ["arn:two", "arn:one", "arn:two"]
    assert [each.version and each.version.number for each in found] == [None, 1, 2]


async def test_an_alias_resolves_to_its_versions_by_weight(machines: Machines) -> None:
    await machines.change("m", lambda definition: with_alias(definition, alias(20, 80)))
    found = [await machines.resolve("m", "prod") for _ in range(500)]
    counts = Counter(each.version.number for each in found if each.version)
    assert 40 < counts[1] < 160
    assert counts[1] + counts[2] == 500
    assert all(each.alias and each.alias.name == "prod" for each in found)


@pytest.mark.parametrize(("key", "qualifier"), [("m", "4"), ("m", "01"), ("m", "prod"), ("x", None), ("x", "1")])
async def test_what_is_not_there_cannot_be_started(machines: Machines, key: str, qualifier: str | None) -> None:
    with pytest.raises(NotFound):
        await machines.resolve(key, qualifier)
