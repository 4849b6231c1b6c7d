from conductor_local.language.checks import Exit, Graph, Place, check_graph
from conductor_local.language.problems import Problems
from conductor_local.language.source import Source

from .fakes import call, problems_of, refusals, warnings_of, workflow


def test_targets_that_do_not_exist_are_told_where_they_are_named():
    steps = {
        "a": call(nextStepId="bb", catch=[{"errorEquals": ["X"], "nextStepId": "cc"}]),
        "b": {
            "type": "choice",
            "choices": [{"when": {"variable": "$.x", "isNull": True}, "nextStepId": "dd"}],
            "defaultStepId": "ee",
        },
    }
    assert refusals(steps, startAt="A") == [
        ("/startAt", "TARGET_NOT_FOUND"),
        ("/steps/a/nextStepId", "TARGET_NOT_FOUND"),
        ("/steps/a/catch/0/nextStepId", "TARGET_NOT_FOUND"),
        ("/steps/b/choices/0/nextStepId", "TARGET_NOT_FOUND"),
        ("/steps/b/defaultStepId", "TARGET_NOT_FOUND"),
    ]


def test_a_missing_target_comes_with_a_guess():
    assert problems_of(workflow({"ship": call(nextStepId="Shipp")}))[0].hint == "did you mean 'ship'?"


def test_a_target_in_another_body_does_not_exist():
    inner = {"startAt": "i", "steps": {"i": call(nextStepId="z")}}
    steps = {"m": {"type": "map", "iterator": inner, "nextStepId": "z"}, "z": call()}
    assert refusals(steps) == [("/steps/m/iterator/steps/i/nextStepId", "TARGET_NOT_FOUND")]


def test_an_unreachable_step_is_a_warning():
    assert warnings_of({"a": call(), "b": call()}) == [("/steps/b", "UNREACHABLE")]


def test_a_cycle_without_a_choice_is_refused_where_it_closes():
    steps = {"a": call(nextStepId="b"), "b": call(nextStepId="c"), "c": call(nextStepId="b")}
    assert refusals(steps) == [("/steps/c/nextStepId", "CYCLE_WITHOUT_CHOICE")]
    assert "'b' -> 'c' -> 'b'" in problems_of(workflow(steps))[0].message


def test_a_step_that_follows_itself_is_a_cycle():
    assert refusals({"a": call(nextStepId="a")}) == [("/steps/a/nextStepId", "CYCLE_WITHOUT_CHOICE")]


def test_a_cycle_by_way_of_a_catch_is_a_cycle():
    steps = {"a": call(catch=[{"errorEquals": ["X"], "nextStepId": "b"}]), "b": call(nextStepId="a")}
    assert refusals(steps) == [("/steps/b/nextStepId", "CYCLE_WITHOUT_CHOICE")]


def test_a_cycle_through_a_choice_is_fine():
    done = {"variable": "$.done", "booleanEquals": True}
    steps = {
        "a": call(nextStepId="b"),
        "b": {"type": "choice", "choices": [{"when": done, "nextStepId": "z"}], "defaultStepId": "a"},
        "z": {"type": "succeed"},
    }
    assert warnings_of(steps) == []


def test_two_ways_that_meet_again_are_no_cycle():
    steps = {
        "a": call(nextStepId="b", catch=[{"errorEquals": ["X"], "nextStepId": "c"}]),
        "b": call(nextStepId="d"),
        "c": call(nextStepId="d"),
        "d": call(),
    }
    assert warnings_of(steps) == []


def test_a_body_that_can_never_end_is_refused_and_its_unreachable_steps_are_not_told():
    always = {"variable": "$", "isPresent": True}
    steps = {"a": {"type": "choice", "choices": [{"when": always, "nextStepId": "a"}]}, "b": call()}
    assert refusals(steps) == [("/steps", "NO_END")]
    assert len(problems_of(workflow(steps))) == 1


def test_a_step_that_does_not_say_soundly_where_it_leads_makes_no_other_look_guilty():
    for broken in (
        7,
        {"type": "magic"},
        call(nextStepId=5),
        call(catch=7),
        {"type": "choice"},
        {"type": "choice", "choices": [5]},
        {"type": "choice", "choices": [{"nextStepId": " "}]},
    ):
        codes = [problem.code for problem in problems_of(workflow({"a": broken, "b": call()}))]
        assert not {"UNREACHABLE", "NO_END", "CYCLE_WITHOUT_CHOICE", "TARGET_NOT_FOUND"} & set(codes)


def test_targets_are_checked_even_where_other_things_are_wrong():
    steps = {"a": {"type": "magic", "nextStepId": "nope"}, "b": call(retry=5, nextStepId="gone")}
    assert [code for _, code in refusals(steps)] == ["UNKNOWN_TYPE", "TARGET_NOT_FOUND", "WRONG_TYPE", "TARGET_NOT_FOUND"]


def test_a_chain_of_twenty_thousand_nodes_is_checked_without_recursion():
    places = {str(n): Place(f"/{n}", (Exit(str(n + 1), ""),)) for n in range(20_000)}
    places["20000"] = Place("/20000", (), ends=True)
    problems = Problems()
    check_graph(Graph("", Exit("0", ""), places, "step"), problems)
    assert problems.told(Source({})) == ()
