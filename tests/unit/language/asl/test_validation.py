import pytest

from conductor_local.language.asl import diagnose

WANTED = "was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"


@pytest.mark.parametrize("text", ["", " \n", "[]", "5"])
def test_text_without_an_object(text):
    one = diagnose(text)[0]
    assert (one.code, one.message, one.location) == ("SCHEMA_VALIDATION_FAILED", "Definition must be a valid JSON object", None)


def test_text_that_is_no_json_is_told_as_jackson_does():
    one = diagnose("not a definition")[0]
    location = '[Source: (String)"not a definition"; line: 1, column: 4]'
    assert (one.code, one.message, one.location) == (
        "INVALID_JSON_DESCRIPTION", f"Unrecognized token 'not': {WANTED}\n at {location}", location,
    )  # fmt: skip


def test_other_faults_of_syntax_keep_our_words_and_long_texts_are_cut():
    one = diagnose('{"a": 1,,}' + " " * 600)[0]
    assert one.code == "INVALID_JSON_DESCRIPTION"
    assert '"[truncated 110 chars]; line: 1, column: 9]' in (one.location or "")


def test_a_sound_definition_has_nothing_wrong_with_it():
    assert diagnose('{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}') == ()


def test_any_object_is_taken_for_a_state_machine():
    assert diagnose("{}")[0].message == "These fields are required: [States, StartAt]"
