"""Laws that hold for every document: compiling refuses or succeeds, and what it gives the engine runs without a fault of ours."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conductor_local.errors import DefinitionError
from conductor_local.language import compile, from_document
from conductor_local.language.asl.states import COMMON, TYPES
from conductor_local.language.comparison import COMPARISONS
from conductor_local.program import Failure
from conductor_local.testing.kernel import Run

from .machines import LAMBDA

NAMES = ("A", "B", "C")
TEXTS = st.sampled_from(
    [
        "A",
        "B",
        "",
        "$",
        "$.a",
        "$.a[0].b",
        "$$.Execution.Input",
        "$v",
        "$..a",
        "{% $states.input %}",
        "{% $v %}",
        "{% ( %}",
        "JSONata",
        "States.Format('{}', $.a)",
        "2026-01-01T00:00:00Z",
        LAMBDA,
        "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "NONE",
        "1.0",
    ]
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-2, 5), st.floats(-1, 3), TEXTS)
KEYS = st.sampled_from(
    [
        "a",
        "b.$",
        "ErrorEquals",
        "Next",
        "ResultPath",
        "Variable",
        "Condition",
        "Comment",
        "And",
        "Not",
        "RoleArn",
        "Mode",
        "StartAt",
        "States",
        "v",
        "MaxAttempts",
        *list(COMPARISONS)[:6],
    ]
)
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8)
FIELDS = st.sampled_from(sorted({*COMMON, *(name for kind in TYPES.values() for name in kind.fields)}))
WILD = st.dictionaries(FIELDS, JSON, max_size=6)


@st.composite
def wild_machines(draw: st.DrawFn, depth: int = 0) -> Any:
    """Documents that look like machines and mostly are none."""
    states = {}
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True)):
        state = {**draw(WILD), "Type": draw(st.sampled_from([*TYPES, "What", 5]))}
        if depth < 2 and draw(st.booleans()):
            inner = draw(wild_machines(depth + 1))
            state |= {"Branches": [inner]} if state["Type"] == "Parallel" else {"ItemProcessor": inner}
        states[name] = state
    machine = {"StartAt": draw(st.sampled_from([*NAMES, 5])), "States": states}
    return machine | draw(
        st.dictionaries(st.sampled_from(["Comment", "Version", "QueryLanguage", "TimeoutSeconds", "x"]), JSON, max_size=2)
    )


PATHS = st.sampled_from(["$", "$.a", "$.b.c", "$$.Execution.Input", "$v", "$.list"])
FLOW = {
    "InputPath": PATHS | st.none(),
    "OutputPath": PATHS | st.none(),
    "ResultPath": st.sampled_from(["$", "$.a", "$.b.c"]) | st.none(),
    "Parameters": st.fixed_dictionaries({"k.$": PATHS}),
    "ResultSelector": st.fixed_dictionaries({"k.$": PATHS}),
    "Assign": st.fixed_dictionaries({"v.$": PATHS}),
    "Retry": st.just([{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}]),
}
QUERIES = st.sampled_from(["{% $states.input %}", "{% $states.input.a %}", "{% $v %}", "{% [1, 2] %}", 7])
OWN: dict[str, dict[str, Any]] = {
    "Task": {"TimeoutSecondsPath": PATHS},
    "Wait": {"Seconds": st.integers(0, 3)},
    "Map": {"ItemsPath": PATHS, "MaxConcurrencyPath": st.sampled_from(["$.n", "$.a"])},
    "Fail": {"ErrorPath": PATHS, "CausePath": PATHS},
}
REQUIRED: dict[str, dict[str, Any]] = {"Task": {"Resource": LAMBDA}, "Wait": {"Seconds": 1}}


@st.composite
def sound_machines(draw: st.DrawFn, prefix: str = "") -> Any:
    """Machines that compile: a line of states, each of which may fail while it runs."""
    names = [f"{prefix}{name}" for name in NAMES[: draw(st.integers(1, 3))]]
    return {
        "StartAt": names[0],
        "States": {name: draw(sound_states(name, following)) for name, following in zip(names, [*names[1:], None], strict=True)},
    }


@st.composite
def sound_states(draw: st.DrawFn, name: str, following: str | None) -> Any:
    kinds = ["Task", "Pass", "Wait", "Parallel", "Map"] if len(name) < 6 else ["Task", "Pass", "Wait"]
    kind = draw(st.sampled_from(kinds if following else [*kinds, "Succeed", "Fail"]))
    is_query = draw(st.booleans())
    allowed = {"Output": QUERIES, "Arguments": QUERIES} if is_query else {**FLOW, **OWN.get(kind, {})}
    fitting = {field: value for field, value in allowed.items() if field in TYPES[kind].fields}
    state = {"Type": kind, **REQUIRED.get(kind, {}), **draw(st.fixed_dictionaries({}, optional=fitting))}
    if is_query:
        state["QueryLanguage"] = "JSONata"
    if "Assign" in state and len(name) > 1:  # an inner scope may not share names with an outer one
        state["Assign"] = {f"v{len(name)}.$": path for path in state["Assign"].values()}
    if kind == "Parallel":
        state["Branches"] = [draw(sound_machines(f"{name}{place}")) for place in range(draw(st.integers(1, 2)))]
    if kind == "Map":
        state["ItemProcessor"] = draw(sound_machines(f"{name}i"))
        state.pop("Parameters", None)
    if kind in ("Succeed", "Fail"):
        return state
    return {**state, **({"Next": following} if following else {"End": True})}


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(wild_machines())
def test_compiling_anything_refuses_or_succeeds(document):
    try:
        compile(from_document(document), dialect="asl")
    except DefinitionError as error:
        refused = error
    else:
        return
    assert all(problem.message for problem in refused.problems)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    sound_machines(),
    st.fixed_dictionaries({"a": JSON, "list": st.lists(LEAVES, max_size=3), "n": st.integers(-1, 3)}),
    st.booleans(),
)
def test_the_engine_runs_whatever_compiles(document, payload, fails):
    run = Run(compile(from_document(document)).program, input=payload)
    run.start()
    run.finish(lambda invoke: Failure("E") if fails and invoke.attempt == 1 else invoke.arguments.value)
    assert run.status in ("SUCCEEDED", "FAILED")
