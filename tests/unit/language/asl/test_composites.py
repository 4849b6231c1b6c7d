import pytest

from conductor_local.language import compile, from_document
from conductor_local.program import Failure, MapRun

from .machines import END, failed, machine, only, output, run, task, told

EACH = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}


def mapped(**fields):
    return only({"Type": "Map", "ItemProcessor": EACH, **fields})


def test_every_branch_gets_the_same_arguments():
    add = {"StartAt": "X", "States": {"X": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.k, 1)"}, "End": True}}}
    same = {"StartAt": "Y", "States": {"Y": END}, "Comment": "as it is"}
    state = {"Type": "Parallel", "Parameters": {"k.$": "$.n"}, "Branches": [add, same], "ResultPath": "$.r"}
    assert output(only(state), {"n": 1}) == {"n": 1, "r": [{"n": 2}, {"k": 1}]}


def test_a_failing_branch_fails_the_state_with_its_own_error():
    bad = {"StartAt": "X", "States": {"X": {"Type": "Fail", "Error": "Bad", "Cause": "luck"}}}
    state = {"Type": "Parallel", "Branches": [bad], "Next": "Z", "Catch": [{"ErrorEquals": ["Bad"], "Next": "Z"}]}
    assert output(machine({"A": state, "Z": END})) == {"Error": "Bad", "Cause": "luck"}


@pytest.mark.parametrize("name", ["ItemProcessor", "Iterator"])
def test_a_map_runs_its_processor_for_every_item(name):
    state = {"Type": "Map", name: EACH, "InputPath": "$.in", "ItemsPath": "$.list"}
    assert output(only(state), {"in": {"list": [1, 2]}}) == [1, 2]


@pytest.mark.parametrize("name", ["ItemSelector", "Parameters"])
def test_the_selector_sees_the_input_of_the_map_and_the_item(name):
    template = {"all.$": "$.k", "i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value"}
    found = output(mapped(ItemsPath="$.list", **{name: template}), {"list": ["x"], "k": 5})
    assert found == [{"all": 5, "i": 0, "v": "x"}]


def test_items_that_are_no_list():
    assert failed(mapped(ItemsPath="$.a"), {"a": 1}) == ("States.Runtime", 'Reference path "$.a" must point to array.')


def test_no_items_give_an_empty_list():
    assert output(mapped(), []) == []


@pytest.mark.parametrize("fields", [{"MaxConcurrency": 1}, {"MaxConcurrencyPath": "$.n"}])
def test_the_window_bounds_what_runs_at_once(fields):
    processor = {"StartAt": "I", "States": {"I": task(End=True)}}
    done = run(only({"Type": "Map", "ItemProcessor": processor, "ItemsPath": "$.list", **fields}), {"list": [1, 2, 3], "n": 1})
    kinds = [type(event).__name__ for event in done.events if type(event).__name__ in ("IterationStarted", "IterationSucceeded")]
    assert kinds == ["IterationStarted", "IterationSucceeded"] * 3


def test_an_inline_map_tolerates_nothing_whatever_it_says():
    processor = {"StartAt": "I", "States": {"I": task(End=True)}}
    state = {"Type": "Map", "ItemProcessor": processor, "ToleratedFailureCount": 5, "ToleratedFailurePercentage": 100}
    assert failed(only(state), [1], lambda invoke: Failure("Bad", "luck")) == ("Bad", "luck")


@pytest.mark.parametrize(
    ("fields", "value", "text"),
    [
        (
            {"MaxConcurrencyPath": "$.v"},
            "many",
            'The MaxConcurrencyPath field refers to value "many" which is not a valid integer: $.v',
        ),
        ({"ToleratedFailureCountPath": "$.v"}, -1, "ToleratedFailureCount cannot be negative."),
        ({"ToleratedFailurePercentagePath": "$.v"}, 101, "ToleratedFailurePercentage must be between 0 and 100."),
    ],
)
def test_numbers_by_path_must_be_sound(fields, value, text):
    assert failed(mapped(ItemsPath="$.list", **fields), {"list": [], "v": value}) == ("States.Runtime", text)


def test_variables_of_an_iteration_stay_inside():
    inner = {"StartAt": "I", "States": {"I": {"Type": "Pass", "Assign": {"w": 1}, "Parameters": {"v.$": "$v"}, "End": True}}}
    states = {
        "S": {"Type": "Pass", "Assign": {"v": "outer"}, "Next": "M"},
        "M": {"Type": "Map", "ItemProcessor": inner, "ItemsPath": "$.list", "ResultPath": "$.r", "Next": "Z"},
        "Z": {"Type": "Pass", "Parameters": {"r.$": "$.r", "w.$": "$w"}, "End": True},
    }
    error, cause = failed(machine(states), {"list": [1]})
    assert error == "States.Runtime"
    assert "'w.$'" in cause


@pytest.mark.parametrize(
    ("fields", "text", "location"),
    [
        ({"ItemsPath": None}, "Value is not a Reference Path", "/States/A/ItemsPath"),
        (
            {"ItemSelector": {}, "Parameters": {}},
            "There should only be one of the following fields: [ItemSelector, Parameters]",
            "/States/A",
        ),
        ({"Iterator": EACH}, "There should only be one of the following fields: [ItemProcessor, Iterator]", "/States/A"),
        ({"MaxConcurrency": -1}, "Minimum value is 0", "/States/A/MaxConcurrency"),
        ({"MaxConcurrencyPath": "$$.Execution.Input"}, "Value is not a Reference Path", "/States/A/MaxConcurrencyPath"),
        ({"ToleratedFailurePercentage": 101}, "Maximum value is 100.0", "/States/A/ToleratedFailurePercentage"),
        ({"Label": "a b"}, "Label contains invalid character: ' '", "/States/A/Label"),
        ({"Label": "a" * 41}, "Label cannot exceed 40 characters", "/States/A/Label"),
        ({"TimeoutSeconds": 5}, "Field 'TimeoutSeconds' is not supported", "/States/A"),
        ({"Arguments": {}}, "Field 'Arguments' is not supported", "/States/A"),
    ],
)
def test_refused_maps(fields, text, location):
    assert told(mapped(**fields)) == [(text, location)]


def test_a_map_needs_a_processor():
    assert told(only({"Type": "Map"})) == [("There should be one of the following fields: [ItemProcessor, Iterator]", "/States/A")]


def test_an_inline_map_with_what_only_a_distributed_one_has_runs_as_such_with_a_warning():
    compiled = compile(from_document(mapped(ItemBatcher={"MaxItemsPerBatch": 2})))
    assert isinstance(compiled.program.body.nodes["A"], MapRun)
    assert [(problem.code, problem.pointer, problem.severity) for problem in compiled.warnings] == [
        ("RUNS_DISTRIBUTED", "/States/A/ItemBatcher", "warning")
    ]


def test_an_inline_processor_may_say_so():
    assert output(mapped(ItemProcessor={**EACH, "ProcessorConfig": {"Mode": "INLINE"}}), [1]) == [1]


def test_no_branches():
    assert told(only({"Type": "Parallel", "Branches": []})) == [("Value cannot be empty", "/States/A/Branches")]


def test_a_branch_has_no_query_language_of_its_own():
    branch = {"QueryLanguage": "JSONata", "StartAt": "X", "States": {"X": END}}
    assert told(only({"Type": "Parallel", "Branches": [branch]})) == [
        ("Field 'QueryLanguage' is not supported", "/States/A/Branches[0]")
    ]
