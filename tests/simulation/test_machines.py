"""The random state machines of the simulator are sound and have everything in them that is to be tried."""

import json
from collections import Counter
from random import Random
from typing import Any

from conductor_local import language
from conductor_local.testing.machines import draw_machine, evaluate_machine
from conductor_local.testing.programs import draw_payload

DRAWN = [draw_machine(Random(seed), f"machine {seed}") for seed in range(300)]


def words(value: Any) -> Counter[str]:
    found: Counter[str] = Counter()
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        found.update([str(key)] + ([item] if key == "Type" else []))
        found.update(words(item))
    return found


def test_every_machine_compiles_without_a_warning() -> None:
    for machine in DRAWN:
        source = language.from_document(machine).without("name")
        assert language.compile(source).warnings == (), json.dumps(machine)


def test_every_kind_of_state_and_every_field_occurs() -> None:
    found = words(DRAWN)
    for word in ("Task", "Pass", "Wait", "Choice", "Parallel", "Map", "Succeed", "Fail", "Retry", "Catch", "Assign", "SecondsPath"):
        assert found[word] >= 20, word
    for word in (
        "InputPath",
        "Parameters",
        "ResultSelector",
        "ResultPath",
        "OutputPath",
        "ItemSelector",
        "MaxConcurrency",
        "ProcessorConfig",
        "ToleratedFailureCount",
        "Not",
        "And",
    ):
        assert found[word] >= 20, word


def test_machines_end_well_and_badly() -> None:
    ends = Counter(evaluate_machine(machine, draw_payload(Random(7))).failure is None for machine in DRAWN)
    assert min(ends[True], ends[False]) >= 60, ends


def test_a_seed_gives_the_same_machine() -> None:
    assert draw_machine(Random(3), "machine 3") == DRAWN[3]
