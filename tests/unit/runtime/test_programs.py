"""Programs are compiled once per document and found again by its digest."""

import pytest

from conductor_local.errors import Bug, DefinitionError
from conductor_local.payload import Json, Payload
from conductor_local.program import Limits
from conductor_local.runtime import programs as programs_module
from conductor_local.runtime.ports import Definition
from conductor_local.runtime.programs import Programs
from conductor_local.stores.memory import MemoryStore

from .rig import T0, call, workflow


async def pinned(*documents: Json) -> Programs:
    """Give programs over a store in which documents are pinned under their place."""
    store = MemoryStore()
    for place, document in enumerate(documents):
        name = f"flow{place}"
        await store.put_definition(
            Definition(
                id=name, name=name, dialect="steps", document=Payload(document), digest=str(place), created_at=T0, updated_at=T0
            ),
            replaces=None,
        )  # fmt: skip
    return Programs(store, Limits())


async def test_a_document_is_compiled_once() -> None:
    programs = await pinned(workflow(call("a")))
    assert programs.cached("0") is None
    program = await programs.get("0")
    assert program.body.start == "a"
    assert await programs.get("0") is program is programs.cached("0")


async def test_a_document_that_is_not_there_is_a_bug() -> None:
    with pytest.raises(Bug, match="The document gone"):
        await (await pinned()).get("gone")


async def test_a_document_that_no_longer_compiles_says_why() -> None:
    with pytest.raises(DefinitionError):
        await (await pinned({"name": "x", "startAt": "y", "steps": {}})).get("0")


async def test_the_programs_used_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs_module, "_CACHE_MAX", 2)
    programs = await pinned(*(workflow(call("a"), name=f"n{n}") for n in range(3)))
    await programs.get("0")
    await programs.get("1")
    programs.cached("0")
    await programs.get("2")
    assert [programs.cached(digest) is not None for digest in ("0", "1", "2")] == [True, False, True]
