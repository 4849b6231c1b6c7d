import pytest

from conductor_local.language import compile, read
from conductor_local.program import Fail, Map, Parallel, Pass, Resource, Succeed, Task

from .fakes import build, call, only, problems_of, refusals, scope, warnings_of, workflow

README = """{
  "name": "User Signup Process",
  "description": "Handles new user registration.",
  "startAt": "validate",
  "steps": {
    "validate": {"id": "validate", "name": "Validate", "type": "function", "functionName": "validateUserData",
                 "inputPath": ".initialPayload", "resultPath": ".validationOutput", "nextStepId": "send"},
    "send": {"id": "send", "name": "Send Mail", "type": "function", "functionName": "sendWelcomeEmail",
             "inputPath": ".validationOutput", "resultPath": ".emailStatus", "nextStepId": null}
  }
}"""


def test_the_definition_of_the_prototype_compiles_and_reads_its_initial_payload():
    body = compile(read(README)).program.body
    first, last = body.nodes["validate"], body.nodes["send"]
    assert (body.start, first.title, first.next, last.next) == ("validate", "Validate", "send", None)
    assert isinstance(first, Task)
    assert first.resource == Resource("function", "validateUserData")
    assert first.arguments(scope({"email": "e"}, execution_input={"email": "e"})) == {"email": "e"}
    assert first.output(scope({"email": "e"}, result={"ok": 1})) == {"email": "e", "validationOutput": {"ok": 1}}


def test_a_title_is_the_name_or_the_id():
    assert only(call(name="Say hello")).title == "Say hello"
    assert only(call()).title == only(call(name="")).title == "a"


def test_the_whole_run_may_have_a_timeout():
    assert build({"a": call()}, timeoutSeconds=90).program.timeout_s == 90.0
    assert build({"a": call()}).program.timeout_s is None


def test_slots_that_would_change_nothing_are_left_out():
    plain = only(call(inputPath="$"))
    assert (plain.arguments, plain.assign, plain.timeout_s, plain.heartbeat_s) == (None, None, None, None)
    for node in (only({"type": "pass"}), only({"type": "pass", "inputPath": "$."}), only({"type": "succeed"})):
        assert (node.arguments, node.output, node.assign) == (None, None, None)


def test_ends():
    assert isinstance(only({"type": "succeed"}), Succeed)
    node = only({"type": "fail", "error": "Boom", "cause": "$.why.text"})
    assert isinstance(node, Fail)
    assert node.error(scope()) == "Boom"
    assert node.cause(scope({"why": {"text": "late"}})) == "late"
    assert node.cause(scope({"why": {"text": None}})) is None
    bare = only({"type": "fail"})
    assert (bare.error, bare.cause) == (None, None)


def test_pass_hands_on_a_constant_or_what_a_path_finds():
    constant = only({"type": "pass", "result": None, "resultPath": "$.x"})
    assert isinstance(constant, Pass)
    assert constant.arguments(scope({"a": 1})) is None
    assert constant.output(scope({"a": 1}, result=None)) == {"a": 1, "x": None}
    picked = only({"type": "pass", "inputPath": "$.inner"})
    assert picked.arguments(scope({"inner": {"b": 2}})) == {"b": 2}
    assert picked.output(scope({"inner": {"b": 2}}, result={"b": 2})) == {"inner": {"b": 2}, "b": 2}


def test_limits_of_a_function_are_numbers_or_paths():
    node = only(call(timeoutSeconds=30, heartbeatSeconds="$.beat"))
    assert node.timeout_s(scope()) == 30
    assert node.heartbeat_s(scope({"beat": 1.5})) == 1.5


def test_parallel_and_map_hold_bodies():
    inner = {"startAt": "i", "steps": {"i": call()}}
    parallel = only({"type": "parallel", "branches": [inner, inner], "inputPath": "$.x", "resultPath": "$.y"})
    assert isinstance(parallel, Parallel)
    assert [branch.start for branch in parallel.branches] == ["i", "i"]
    assert parallel.arguments(scope({"x": 1})) == 1
    assert parallel.output(scope({"x": 1}, result=[1, 2])) == {"x": 1, "y": [1, 2]}
    mapped = only({"type": "map", "inputPath": "$.order", "itemsPath": "$.lines", "maxConcurrency": 3.0, "iterator": inner})
    assert isinstance(mapped, Map)
    assert mapped.body.nodes["i"].name == "i"
    assert mapped.items(scope({}, arguments={"lines": [1]})) == [1]
    assert mapped.window(scope()) == 3
    assert mapped.output is None
    plain = only({"type": "map", "iterator": inner})
    assert plain.window is None
    assert plain.items(scope([4])) == [4]


def test_the_same_id_in_two_bodies_is_a_warning():
    inner = {"startAt": "a", "steps": {"a": call()}}
    assert warnings_of({"a": {"type": "map", "iterator": inner}}) == [("/steps/a/iterator/steps/a", "DUPLICATE_STEP_ID")]


def test_odd_names_are_ordinary_ids():
    body = build({"__proto__": call(id="__proto__", nextStepId="a/b~c"), "a/b~c": call()}).program.body
    assert list(body.nodes) == ["__proto__", "a/b~c"]


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"name": ""}, "/name", "EMPTY"),
        ({"name": " "}, "/name", "EMPTY"),
        ({"name": 5}, "/name", "WRONG_TYPE"),
        ({"id": 5}, "/id", "WRONG_TYPE"),
        ({"description": 5}, "/description", "WRONG_TYPE"),
        ({"startAt": None}, "/startAt", "WRONG_TYPE"),
        ({"startAt": ""}, "/startAt", "EMPTY"),
        ({"steps": []}, "/steps", "WRONG_TYPE"),
        ({"steps": {}}, "/steps", "EMPTY"),
        ({"timeoutSeconds": 0}, "/timeoutSeconds", "OUT_OF_RANGE"),
        ({"timeoutSeconds": "$.t"}, "/timeoutSeconds", "WRONG_TYPE"),
        ({"strictPaths": "yes"}, "/strictPaths", "WRONG_TYPE"),
        ({"x/y": 1}, "/x~1y", "UNKNOWN_FIELD"),
    ],
)
def test_fields_of_the_whole_are_checked(change, pointer, code):
    document = {**workflow({"a": call()}), **change}
    assert [(one.pointer, one.code) for one in problems_of(document)] == [(pointer, code)]


def test_a_description_may_be_null():
    assert build({"a": call()}, description=None)


@pytest.mark.parametrize("missing", ["name", "startAt", "steps"])
def test_fields_of_the_whole_are_required(missing):
    document = workflow({"a": call()})
    del document[missing]
    problem = problems_of(document)[0]
    assert (problem.pointer, problem.code) == ("", "MISSING_FIELD")
    assert f"'{missing}'" in problem.message


INNER = {"startAt": "i", "steps": {"i": call()}}


@pytest.mark.parametrize(
    ("step", "pointer", "code"),
    [
        (5, "", "WRONG_TYPE"),
        ({}, "", "MISSING_FIELD"),
        ({"type": None}, "/type", "WRONG_TYPE"),
        ({"type": "funktion"}, "/type", "UNKNOWN_TYPE"),
        ({"type": "function"}, "", "MISSING_FIELD"),
        (call(functionName=""), "/functionName", "EMPTY"),
        (call(functionName=5), "/functionName", "WRONG_TYPE"),
        (call(id="b"), "/id", "ID_MISMATCH"),
        (call(name=5), "/name", "WRONG_TYPE"),
        (call(nextStepId=""), "/nextStepId", "EMPTY"),
        (call(nextStepId=5), "/nextStepId", "WRONG_TYPE"),
        (call(inputPath=None), "/inputPath", "WRONG_TYPE"),
        (call(inputPath=""), "/inputPath", "PATH_SYNTAX"),
        (call(inputPath="$.a[*]"), "/inputPath", "PATH_SYNTAX"),
        (call(resultPath="$.a..b"), "/resultPath", "PATH_SYNTAX"),
        (call(resultPath="$.a[0]"), "/resultPath", "PATH_NOT_WRITABLE"),
        (call(timeoutSeconds=0), "/timeoutSeconds", "OUT_OF_RANGE"),
        (call(timeoutSeconds=True), "/timeoutSeconds", "WRONG_TYPE"),
        (call(timeoutSeconds="30"), "/timeoutSeconds", "WRONG_TYPE"),
        (call(timeoutSeconds="-3.5"), "/timeoutSeconds", "WRONG_TYPE"),
        (call(timeoutSeconds="$$.x"), "/timeoutSeconds", "PATH_SYNTAX"),
        (call(timeoutSeconds=5, heartbeatSeconds=5), "/heartbeatSeconds", "OUT_OF_RANGE"),
        (call(seconds=5), "/seconds", "UNKNOWN_FIELD"),
        ({"type": "pass", "result": 1, "inputPath": "$.x"}, "/inputPath", "CONFLICT"),
        ({"type": "succeed", "nextStepId": "z"}, "/nextStepId", "UNKNOWN_FIELD"),
        ({"type": "fail", "error": 5}, "/error", "WRONG_TYPE"),
        ({"type": "fail", "cause": "$.a b"}, "/cause", "PATH_SYNTAX"),
        ({"type": "parallel"}, "", "MISSING_FIELD"),
        ({"type": "parallel", "branches": []}, "/branches", "EMPTY"),
        ({"type": "parallel", "branches": [7]}, "/branches/0", "WRONG_TYPE"),
        ({"type": "parallel", "branches": [{**INNER, "name": "x"}]}, "/branches/0/name", "UNKNOWN_FIELD"),
        ({"type": "map"}, "", "MISSING_FIELD"),
        ({"type": "map", "iterator": []}, "/iterator", "WRONG_TYPE"),
        ({"type": "map", "iterator": {"startAt": "i", "steps": {}}}, "/iterator/steps", "EMPTY"),
        ({"type": "map", "iterator": INNER, "maxConcurrency": -1}, "/maxConcurrency", "OUT_OF_RANGE"),
        ({"type": "map", "iterator": INNER, "maxConcurrency": 1.5}, "/maxConcurrency", "OUT_OF_RANGE"),
        ({"type": "map", "iterator": INNER, "itemsPath": "$.["}, "/itemsPath", "PATH_SYNTAX"),
    ],
)
def test_steps_are_checked(step, pointer, code):
    assert refusals({"a": step}) == [(f"/steps/a{pointer}", code)]


def test_an_empty_id_is_refused():
    assert refusals({"a": call(), " ": call()}) == [("/steps/ ", "EMPTY")]


@pytest.mark.parametrize(
    ("field", "guess"),
    [("next", "nextStepId"), ("Resource", "functionName"), ("functionname", "functionName"), ("retries", "retry")],
)
def test_an_unknown_field_comes_with_a_guess(field, guess):
    problem = next(one for one in problems_of(workflow({"a": call(**{field: "x"})})) if one.code == "UNKNOWN_FIELD")
    assert problem.hint == f"did you mean '{guess}'?"


def test_an_unknown_field_without_a_likely_meaning_has_no_guess():
    assert problems_of(workflow({"a": call(zzz=1, default="z")}))[0].hint == ""


def test_an_unknown_type_tells_the_types():
    assert problems_of(workflow({"a": {"type": "map!"}}))[0].hint == "did you mean 'map'?"
    assert "parallel, map" in problems_of(workflow({"a": {"type": "teleport"}}))[0].hint


def test_the_caret_stands_under_the_key_of_an_unknown_field_and_of_a_faulty_step():
    text = '{"name": "w", "startAt": "a", "steps": {\n  "a": {"type": "function",\n    "nxt": "b"}}}'
    assert [(one.code, one.line, one.column) for one in problems_of(text)] == [("MISSING_FIELD", 2, 3), ("UNKNOWN_FIELD", 3, 5)]


def test_bodies_inside_bodies_beyond_the_limit_are_refused():
    def nested(levels: int) -> dict:
        steps = {"a": call()}
        for level in range(levels):
            steps = {f"m{level}": {"type": "map", "iterator": {"startAt": next(iter(steps)), "steps": steps}}}
        return steps

    assert build(nested(20))
    assert [code for _, code in refusals(nested(21))] == ["TOO_DEEP"]
