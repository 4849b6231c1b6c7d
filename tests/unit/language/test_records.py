from .fakes import build, call, scope, warnings_of

WHEN = {"variable": "$.x", "isPresent": True}


def nodes_of(steps):
    return build(steps).program.body.nodes


def test_a_record_that_no_path_reads_is_not_kept():
    nodes = nodes_of({"a": call(nextStepId="b"), "b": call(inputPath="$.a.output")})
    assert all(node.assign is None for node in nodes.values())


def test_only_the_records_that_paths_read_are_kept():
    nodes = nodes_of({"a": call(nextStepId="b"), "b": call(nextStepId="c"), "c": call(inputPath="$.steps.a.output.x")})
    assert (nodes["b"].assign, nodes["c"].assign) == (None, None)
    record = nodes["a"].assign(scope({"p": 1}, arguments={"i": 1}, result={"x": 2}))
    assert record == {"steps.a": {"input": {"i": 1}, "output": {"x": 2}}}
    assert nodes["c"].arguments(scope({}, variables=record)) == 2


def test_the_record_of_a_step_that_has_not_finished_finds_nothing():
    nodes = nodes_of({"a": call(inputPath="$.steps.a.output")})
    assert nodes["a"].arguments(scope({})) is None


def test_steps_alone_reads_every_record_there_is():
    nodes = nodes_of({"a": call(nextStepId="b"), "b": call(inputPath="$.steps")})
    assert nodes["a"].assign is not None
    assert nodes["b"].assign is not None
    assert nodes["b"].arguments(scope({}, variables={"steps.a": 1})) == {"a": 1}
    assert nodes["b"].arguments(scope({"steps": 5}, variables={"steps.a": 1})) == 5


def test_a_step_that_passes_its_payload_on_gave_back_what_it_was_given():
    nodes = nodes_of(
        {
            "a": {"type": "wait", "seconds": 1, "nextStepId": "c"},
            "c": {"type": "choice", "choices": [{"when": WHEN, "nextStepId": "f"}], "defaultStepId": "b"},
            "b": call(inputPath="$.steps"),
            "f": {"type": "fail"},
        }
    )
    assert nodes["a"].assign(scope({"p": 1}, result=None)) == {"steps.a": {"input": {"p": 1}, "output": {"p": 1}}}
    assert nodes["c"].assign(scope(5)) == nodes["c"].rules[0].assign(scope(5)) == {"steps.c": {"input": 5, "output": 5}}
    assert nodes["f"].assign is None


def test_records_are_kept_in_inner_bodies_too():
    inner = {"startAt": "i", "steps": {"i": call(nextStepId="j"), "j": call(inputPath="$.steps.i.output")}}
    other = {"startAt": "k", "steps": {"k": call(inputPath="$.steps.p.input")}}
    nodes = nodes_of(
        {
            "m": {"type": "map", "iterator": inner, "nextStepId": "p"},
            "p": {"type": "parallel", "branches": [other], "nextStepId": "e"},
            "e": call(),
        }
    )
    assert nodes["m"].body.nodes["i"].assign is not None
    assert nodes["m"].assign is None
    assert nodes["p"].assign is not None
    assert nodes["p"].branches[0].nodes["k"].assign is None


def test_a_path_to_the_record_of_a_step_that_is_not_there_is_a_warning():
    steps = {"ship": call(nextStepId="b"), "b": call(inputPath="$.steps.shipp.output", timeoutSeconds="$.steps.shipp.output.t")}
    assert warnings_of(steps) == [("/steps/b/inputPath", "UNKNOWN_RECORD"), ("/steps/b/timeoutSeconds", "UNKNOWN_RECORD")]
    assert build(steps).warnings[0].hint == "did you mean 'ship'?"


def test_an_index_after_steps_is_no_record():
    nodes = nodes_of({"a": call(inputPath="$.steps[0]")})
    assert nodes["a"].assign is None
    assert nodes["a"].arguments(scope({"steps": [5]})) == 5
