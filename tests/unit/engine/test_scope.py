"""What an expression sees."""

from datetime import timedelta

import pytest

from conductor_local.engine import events as ev
from conductor_local.engine.entropy import entropy, fraction
from conductor_local.payload import Json, Payload
from conductor_local.program import Scope
from conductor_local.testing.kernel import BEGIN, Run

from .build import body, catch, constant, every, given, map_, parallel, pass_, program, started, task, variable, wait


def seen(scope: Scope) -> Json:
    """What a variable `v` is here; None where there is none."""
    try:
        return scope.variable("v")
    except KeyError:
        return None


# --- variables


def test_a_branch_reads_the_variables_around_it() -> None:
    run = started(pass_("V", assign=constant({"v": 1})), parallel("P", body(pass_("A", output=variable("v")))))
    assert run.output == [1]


def test_an_iteration_in_a_branch_reads_variables_two_levels_up() -> None:
    inner = map_("M", body(pass_("A", output=variable("v"))), items=constant([0, 0]))
    assert started(pass_("V", assign=constant({"v": 1})), parallel("P", body(inner))).output == [[1, 1]]


def test_the_variables_of_a_branch_vanish_with_it() -> None:
    node = parallel("P", body(pass_("A", assign=constant({"v": 1}))))
    assert started(node, pass_("B", output=seen)).output is None


def test_branches_do_not_see_each_others_variables() -> None:
    first = body(pass_("A", assign=constant({"v": 1})), pass_("A2", output=seen))
    assert started(parallel("P", first, body(wait("W", seconds=0), pass_("B", output=seen)))).output == [1, None]


def test_an_inner_variable_hides_the_outer_and_leaves_it_alone() -> None:
    branch = body(pass_("A", assign=constant({"v": 2})), pass_("A2", output=seen))
    keep = pass_("B", output=lambda scope: [scope.input, scope.variable("v")])
    assert started(pass_("V", assign=constant({"v": 1})), parallel("P", branch), keep).output == [[2], 1]


def test_a_composite_assigns_outside_itself() -> None:
    node = parallel("P", body(pass_("A", output=constant(5))), assign=lambda scope: {"v": scope.result})
    assert started(node, pass_("B", output=seen)).output == [5]


def test_a_variable_that_is_not_there_raises_key_error() -> None:
    with pytest.raises(KeyError):
        started(pass_("A", output=variable("nope")))


# --- items


def test_the_item_is_that_of_the_innermost_map_around() -> None:
    leaf = pass_("A", output=lambda scope: [scope.item.index, scope.item.value])
    around = lambda scope: [[scope.item.index, scope.item.value], scope.result]  # noqa: E731
    inner = map_("N", body(parallel("P", body(leaf))), items=constant(["x"]), output=around)
    run = started(map_("M", body(inner)), input=["a"])
    assert run.output == [[[0, "a"], [[[0, "x"]]]]]


def test_outside_a_map_there_is_no_item() -> None:
    assert started(parallel("P", body(pass_("A", output=lambda scope: scope.item)))).output == [None]


def test_the_item_is_that_of_the_list_even_where_the_input_was_made() -> None:
    leaf = pass_("A", output=lambda scope: [[scope.item.index, scope.item.value], scope.input])
    assert started(map_("M", body(leaf), item=constant("made")), input=["a"]).output == [[[0, "a"], "made"]]


# --- the rest


def test_arguments_are_the_input_where_the_node_has_none() -> None:
    run = started(task("T", output=lambda scope: [scope.arguments, scope.result]), input="i")
    run.succeed("T", "r")
    assert run.output == ["i", "r"]


def test_arguments_can_be_read_again_when_the_result_is_there() -> None:
    run = started(task("T", arguments=constant("a"), output=lambda scope: [scope.arguments, scope.arguments]))
    run.succeed("T", "r")
    assert run.output == ["a", "a"]


def test_inside_their_own_slot_arguments_are_the_input() -> None:
    assert started(pass_("A", arguments=lambda scope: [scope.arguments]), input="i").output == ["i"]


def test_an_expression_sees_its_execution() -> None:
    def told(scope: Scope) -> Json:
        return [scope.execution_id, scope.execution_name, scope.execution_input, scope.redrives, scope.node, scope.retries]

    run = Run(program(pass_("A", output=constant(0)), pass_("B", output=told)), input="i", name="n")
    run.start()
    assert run.output == ["n-id", "n", "i", 0, "B", 0]


def test_an_expression_sees_the_time_of_its_entry_and_of_its_message() -> None:
    times: list[object] = []

    def note(scope: Scope) -> Json:
        times.extend([scope.started_at, scope.entered_at, scope.now])

    run = started(wait("V", seconds=5), wait("W", seconds=7, output=note))
    run.finish()
    assert times == [BEGIN, BEGIN + timedelta(seconds=5), BEGIN + timedelta(seconds=12)]


@pytest.mark.parametrize("slot", ["arguments", "output", "timeout_s"])
def test_an_expression_sees_the_number_of_its_entry(slot: str) -> None:
    numbers: list[int] = []

    def note(scope: Scope) -> Json:
        numbers.append(scope.entered_event)
        return 1

    run = started(pass_("A"), task("T", **{slot: note}))
    run.finish()
    assert numbers[0] == every(run.events, ev.NodeEntered)[1].history_id


def test_a_catcher_sees_no_result_and_the_failure() -> None:
    handler = catch("A", output=lambda scope: [scope.result, scope.failure.error, scope.retries])
    run = started(task("T", catch=(handler,)), pass_("A"))
    run.fail("T", "X")
    assert run.output == [None, "X", 0]


# --- chance


def test_chance_is_the_same_on_every_replay_and_differs_by_seed_and_draw() -> None:
    def drawn(seed: int) -> Json:
        run = Run(program(pass_("A", output=lambda scope: [scope.entropy(), scope.entropy()])), seed=seed)
        run.start()
        return run.output

    assert drawn(3) == drawn(3) == [entropy(3, 1), entropy(3, 2)]
    assert len({*drawn(3), *drawn(4)}) == 4


def test_entropy_is_fixed_for_ever() -> None:
    """Running executions would draw other numbers if this changed."""
    assert [entropy(0, 1), entropy(2**64 - 1, 1)] == [13702416456061206402, 15383038103978001030]


def test_a_fraction_is_never_one() -> None:
    assert (fraction(0), fraction(2**63)) == (0.0, 0.5)
    assert fraction(2**64 - 1) < 1


def test_a_value_and_the_payload_around_it_are_shared() -> None:
    run = started(pass_("A"), pass_("B", arguments=given), input={"big": "value"})
    payloads = {id(event.input) for event in every(run.events, ev.NodeEntered)}
    assert payloads == {id(run.execution.head.input)}
    assert run.execution.head.output == Payload({"big": "value"})
