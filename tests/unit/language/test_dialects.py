import pytest

from conductor_local.errors import DefinitionError
from conductor_local.language import compile, dialect_of, from_document, read
from conductor_local.program import Limits

from .fakes import call, problems_of, workflow


@pytest.mark.parametrize("document", [{"startAt": "a"}, {"steps": {}}, {"steps": {}, "StartAt": "a"}])
def test_a_document_with_start_at_or_steps_is_in_the_steps_language(document):
    assert dialect_of(document) == "steps"


@pytest.mark.parametrize(
    ("document", "code"),
    [({"name": "w"}, "UNKNOWN_DIALECT"), ([], "NOT_AN_OBJECT")],
)
def test_other_documents_are_refused_by_name(document, code):
    with pytest.raises(DefinitionError) as caught:
        dialect_of(document)
    assert caught.value.problems[0].code == code


def test_a_refused_dialect_has_a_place_in_the_text():
    problem = problems_of('\n {"name": "w"}')[0]
    assert (problem.code, problem.line, problem.column) == ("UNKNOWN_DIALECT", 2, 2)


@pytest.mark.parametrize("document", [{"StartAt": "A"}, {"States": {}}])
def test_a_document_with_start_at_or_states_is_a_state_machine(document):
    assert dialect_of(document) == "asl"


def test_a_state_machine_has_the_limits_of_its_language_unless_others_are_set():
    document = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    assert compile(from_document(document)).program.limits == Limits(events=25_000, assign_bytes=262_144)
    assert compile(from_document(document), limits=Limits(payload_bytes=9, events=7)).program.limits == Limits(
        payload_bytes=9, events=7, assign_bytes=9
    )


def test_a_caller_may_say_which_language_it_is():
    with pytest.raises(DefinitionError) as caught:
        compile(from_document({}), dialect="asl")
    assert caught.value.problems[0].message == "These fields are required: [States, StartAt]"


def test_a_compiled_definition_knows_its_dialect_and_limits():
    compiled = compile(from_document(workflow({"a": call()})), limits=Limits(events=7))
    assert (compiled.dialect, compiled.program.limits.events, compiled.warnings) == ("steps", 7, ())


@pytest.mark.parametrize("names", [{"sendMail"}, ["sendMail"], iter(["sendMail"])])
def test_an_unknown_function_is_a_warning_with_a_guess(names):
    text = '{"name": "w", "startAt": "a", "steps": {\n"a": {"type": "function", "functionName": "sendMial"}}}'
    warning = compile(read(text), functions=names).warnings[0]
    assert (warning.code, warning.severity, warning.pointer) == ("UNKNOWN_FUNCTION", "warning", "/steps/a/functionName")
    assert (warning.line, warning.column, warning.hint) == (2, 43, "did you mean 'sendMail'?")


def test_a_known_function_gives_no_warning():
    assert compile(from_document(workflow({"a": call()})), functions={"f"}).warnings == ()


def test_names_that_cannot_be_listed_give_no_guess():
    class Registry:
        def __contains__(self, name: object) -> bool:
            return False

    assert compile(from_document(workflow({"a": call()})), functions=Registry()).warnings[0].hint == ""


def test_problems_come_in_document_order_with_warnings_among_them():
    text = """{"name": "w", "startAt": "a", "oops": 1, "steps": {
      "a": {"type": "function", "functionName": "f", "inputPath": "$.steps.zz.output", "nextStepId": "b", "resultPath": 5},
      "b": {"type": "function", "nextStepId": "nowhere"}
    }}"""
    found = [(one.pointer, one.code, one.line, one.column) for one in problems_of(text)]
    assert found == [
        ("/oops", "UNKNOWN_FIELD", 1, 31),
        ("/steps/a/inputPath", "UNKNOWN_RECORD", 2, 67),
        ("/steps/a/resultPath", "WRONG_TYPE", 2, 121),
        ("/steps/b", "MISSING_FIELD", 3, 7),
        ("/steps/b/nextStepId", "TARGET_NOT_FOUND", 3, 47),
    ]


def test_a_very_long_name_is_cut_in_messages_and_not_guessed_at():
    problem = problems_of(workflow({"a": call(nextStepId="x" * 5000)}))[0]
    assert len(problem.message) < 200
    assert problem.hint == ""
