"""The whole: fields of the machine, names, query languages, and how states lead to each other."""

import pytest

from conductor_local.errors import DefinitionError
from conductor_local.language import compile, read
from conductor_local.language.asl import Identity, invalid_definition
from conductor_local.testing.kernel import Run

from .machines import END, built, found, machine, only, output, task, told

PASS = {"Type": "Pass", "End": True}


@pytest.mark.parametrize(
    ("document", "diagnostics"),
    [
        ({}, [("These fields are required: [States, StartAt]", "/")]),
        ({"StartAt": "A"}, [("These fields are required: [States]", "/")]),
        ({"StartAt": "A", "States": {}}, [("Value cannot be empty", "/States")]),
        ({"StartAt": "A", "States": 5}, [("Expected value of type Object", "/States")]),
        (only(END, Version="2.0"), [("The field 'Version' should have one of these values: [1.0]", "/Version")]),
        (only(END, TimeoutSeconds=0), [("Minimum value is 1", "/TimeoutSeconds")]),
        (only(END, Comment=5), [("Expected value of type String", "/Comment")]),
        (only(END, _comment="x"), [("Field '_comment' is not supported", "/")]),
        (
            only(END, QueryLanguage="jsonpath"),
            [("The field 'QueryLanguage' should have one of these values: [JSONPath, JSONata]", "/QueryLanguage")],
        ),
        (machine({"A": 5}), [("Expected value of type Object", "/States/A")]),
        (machine({"A": {}}), [("These fields are required: [Type]", "/States/A")]),
        (
            machine({"A": {"Type": "Sleep"}}),
            [
                (
                    "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]",
                    "/States/A/Type",
                )
            ],
        ),
        (machine({"A": {"Type": 5}}), None),
        (machine({"x" * 81: END}), [("State name exceeds 80 characters", f"/States/{'x' * 81}")]),
        (machine({"": END}), [("State name cannot be empty", "/States/")]),
        (
            machine({"A": {"Type": "Pass", "Next": "A", "End": True}}),
            [("There should only be one of the following fields: [Next, End]", "/States/A")],
        ),
        (
            machine({"A": {"Type": "Pass", "End": False}}),
            [("The field 'End' should have one of these values: [true]", "/States/A/End")],
        ),
    ],
)
def test_refused_machines(document, diagnostics):
    assert told(document) == diagnostics or (diagnostics is None and len(told(document)) == 1)


def test_the_whole_run_may_have_a_timeout():
    assert built(only(END, TimeoutSeconds=9)).program.timeout_s == 9.0


# the graph


def test_a_missing_target_is_told_where_it_stands_whatever_the_field():
    states = {
        "A": {"Type": "Choice", "Choices": [{"Variable": "$", "IsNull": True, "Next": "x1"}], "Default": "x2"},
        "B": task(Next="x3", Catch=[{"ErrorEquals": ["E"], "Next": "x4"}]),
        "Z": END,
    }
    assert told({"StartAt": "x0", "States": states})[:5] == [
        ("Missing 'Next' target: x0", "/StartAt"),
        ("Missing 'Next' target: x1", "/States/A/Choices[0]/Next"),
        ("Missing 'Next' target: x2", "/States/A/Default"),
        ("Missing 'Next' target: x3", "/States/B/Next"),
        ("Missing 'Next' target: x4", "/States/B/Catch[0]/Next"),
    ]


def test_a_loop_without_an_end_is_told_once_and_without_a_place():
    states = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}, "C": {"Type": "Pass", "Next": "A"}}
    assert told(machine(states)) == [("Workflow has no terminal state", None)]


def test_a_dangling_target_comes_before_the_missing_end():
    assert [one.code for one in found(machine({"A": {"Type": "Pass", "Next": "x"}}))] == [
        "MISSING_TRANSITION_TARGET", "MISSING_END_STATE",
    ]  # fmt: skip


def test_an_unreachable_state_is_an_error():
    states = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}, "C": END}
    assert told(machine(states)) == [('State "C" is not reachable.', "/States/C")]


def test_a_state_that_leads_nobody_knows_where_makes_nobody_look_guilty():
    assert [text for text, _ in told(machine({"A": {"Type": "Pass", "Next": 5}, "B": END}))] == ["Expected value of type String"]
    assert len(told(machine({"A": {"Type": "What"}, "B": END}))) == 1
    assert len(told(machine({"A": 5, "B": END}))) == 1
    assert len(told(machine({"A": {"Type": "Choice", "Choices": 5}, "B": END}))) == 1
    assert len(told({"StartAt": 5, "States": {"A": END}})) == 1


def test_a_branch_cannot_lead_out_of_itself():
    branch = {"StartAt": "X", "States": {"X": {"Type": "Pass", "Next": "Z"}, "Y": END}}
    states = {"A": {"Type": "Parallel", "Branches": [branch], "Next": "Z"}, "Z": END}
    assert told(machine(states)) == [
        ("Missing 'Next' target: Z", "/States/A/Branches[0]/States/X/Next"),
        ('State "Y" is not reachable.', "/States/A/Branches[0]/States/Y"),
    ]


def test_names_are_unique_over_the_whole_machine():
    branch = {"StartAt": "A", "States": {"A": END}}
    problem = found(only({"Type": "Parallel", "Branches": [branch]}))[0]
    assert (problem.code, problem.message) == ("DUPLICATE_STATE_NAME", "Duplicate State name: A")


def test_nesting_has_an_end():
    document = {"StartAt": "s", "States": {"s": END}}
    for depth in range(25):
        document = {"StartAt": f"p{depth}", "States": {f"p{depth}": {"Type": "Parallel", "Branches": [document], "End": True}}}
    assert [one.code for one in found(document)] == ["TOO_DEEPLY_NESTED"]


# query languages


def test_a_state_cannot_go_back_to_jsonpath():
    document = only({"Type": "Pass", "QueryLanguage": "JSONPath"}, QueryLanguage="JSONata")
    assert told(document) == [("'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine", "/States/A")]


@pytest.mark.parametrize(
    ("state", "language", "field", "only_in"),
    [
        ({"Type": "Pass", "Output": 1}, "JSONPath", "Output", "JSONata"),
        ({"Type": "Pass", "QueryLanguage": "JSONata", "ResultPath": "$.r"}, "JSONata", "ResultPath", "JSONPath"),
        (task(QueryLanguage="JSONata", Parameters={}), "JSONata", "Parameters", "JSONPath"),
    ],
)
def test_fields_of_the_other_language_are_refused(state, language, field, only_in):
    text = f"The QueryLanguage is set to '{language}', but field '{field}' is only supported for the '{only_in}' QueryLanguage"
    assert told(only(state)) == [(text, "/States/A")]


def test_a_composite_does_not_hand_its_language_down():
    processor = {"StartAt": "I", "States": {"I": {"Type": "Pass", "InputPath": "$", "End": True}}}
    assert told(only({"Type": "Map", "QueryLanguage": "JSONata", "ItemProcessor": processor})) == []


# telling


def test_problems_have_lines_and_columns_and_point_at_the_key_that_is_too_much():
    with pytest.raises(DefinitionError) as caught:
        compile(read('{"StartAt": "A",\n "States": {"A": {"Type": "Pass", "Nxt": "B", "InputPath": "x", "End": true}}}'))
    shown = [(one.pointer, one.line, one.column, one.hint) for one in caught.value.problems]
    assert shown == [
        ("/States/A/Nxt", 2, 35, "did you mean 'Next'?"),
        ("/States/A/InputPath", 2, 60, "a path begins with '$' at character 1"),
    ]


def test_the_message_of_invalid_definition():
    problems = found(machine({"A": {"Type": "Pass", "Next": "x"}}))
    assert invalid_definition(problems) == (
        "Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target: x at /States/A/Next, "
        "MISSING_END_STATE: Workflow has no terminal state at null'"
    )


def test_a_machine_may_have_an_arn_as_its_id():
    compiled = built(only({"Type": "Pass", "Parameters": {"m.$": "$$.StateMachine.Id", "e.$": "$$.Execution.Id"}}))
    done = Run(compiled.program, input={})
    done.execution.head.definition_id = "arn:aws:states:eu-west-1:1:stateMachine:Mine"
    done.start()
    assert done.output == {
        "m": "arn:aws:states:eu-west-1:1:stateMachine:Mine", "e": "arn:aws:states:eu-west-1:1:execution:Mine:run",
    }  # fmt: skip


def test_an_execution_may_have_an_arn_as_its_id():
    compiled = built(only({"Type": "Pass", "Parameters": {"e.$": "$$.Execution.Id"}}))
    done = Run(compiled.program, input={})
    done.execution.head.id = "arn:aws:states:us-east-1:1:execution:M:mine"
    done.start()
    assert done.output == {"e": "arn:aws:states:us-east-1:1:execution:M:mine"}


def test_an_execution_started_synchronously_has_no_count_of_redrives():
    document = only({"Type": "Pass", "Parameters": {"e.$": "$$.Execution"}})
    assert "RedriveCount" not in output(document, identity=Identity(is_express=True, counts_redrives=False))["e"]
    assert output(document)["e"]["RedriveCount"] == 0


@pytest.mark.parametrize(
    ("id", "name", "arn"),
    [
        ("d1", "orders", "arn:aws:states:eu-west-1:111111111111:stateMachine:orders"),
        ("d1", "eu-west-1:111111111111:orders", "arn:aws:states:eu-west-1:111111111111:stateMachine:orders"),
        ("d1", "Sign Up", "arn:aws:states:eu-west-1:111111111111:stateMachine:d1"),
        ("d1/lab", "orders/lab", "arn:aws:states:eu-west-1:111111111111:stateMachine:orders/lab"),
        ("d1/lab", "Sign Up/lab", "arn:aws:states:eu-west-1:111111111111:stateMachine:d1/lab"),
        ("arn:told", "orders", "arn:told"),
    ],
)
def test_a_machine_has_an_arn_whatever_its_name(id: str, name: str, arn: str) -> None:
    identity = Identity(region="eu-west-1", account="111111111111")
    assert identity.machine_arn(id, name) == arn
    assert identity.execution_arn("a:stateMachine:m", "e1", "two words") == "a:execution:m:e1"
