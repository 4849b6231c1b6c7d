"""What variables may grow to: at once, and all that a place can see."""

from conductor_local.program import ErrorName, Limits

from .build import body, catch, constant, parallel, pass_, started

BIG = "x" * 600


def test_one_node_may_not_assign_more_than_the_limit_at_once() -> None:
    two = pass_("A", assign=constant({"v": BIG, "w": BIG}))
    run = started(two, limits=Limits(assign_bytes=1_000))
    assert run.failure is not None
    assert run.failure.error == ErrorName.DATA_LIMIT
    assert "'A' assigns 1,204 bytes at once; at most 1,000" in str(run.failure.cause)


def test_without_that_limit_an_assignment_may_be_larger_than_a_payload() -> None:
    run = started(pass_("A", assign=constant({"v": BIG})), limits=Limits(payload_bytes=100))
    assert run.status == "SUCCEEDED"


def test_variables_of_several_nodes_may_not_grow_beyond_their_limit() -> None:
    nodes = [pass_(name, assign=constant({name: BIG})) for name in ("A", "B")]
    run = started(*nodes, limits=Limits(variables_bytes=1_000))
    assert run.failure is not None
    assert "'B' would make the variables 1,204 bytes" in str(run.failure.cause)


def test_variables_around_a_branch_count_inside_it() -> None:
    branch = body(pass_("B", assign=constant({"b": BIG})))
    run = started(pass_("A", assign=constant({"a": BIG})), parallel("P", branch), limits=Limits(variables_bytes=1_000))
    assert run.failure is not None
    assert "'B'" in str(run.failure.cause)


def test_a_variable_that_is_replaced_counts_once() -> None:
    nodes = [pass_(name, assign=constant({"v": BIG})) for name in ("A", "B")]
    assert started(*nodes, limits=Limits(variables_bytes=1_000)).status == "SUCCEEDED"


def test_too_many_bytes_can_be_caught() -> None:
    composite = parallel("P", body(pass_("A")), assign=constant({"v": BIG}), catch=(catch("End"),))
    run = started(composite, pass_("End"), limits=Limits(assign_bytes=100))
    assert run.status == "SUCCEEDED"
