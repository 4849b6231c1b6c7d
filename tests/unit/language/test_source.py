import pytest

from conductor_local.errors import DefinitionError
from conductor_local.language import from_document, read


def fault(text: str | bytes) -> tuple[str, int, int]:
    with pytest.raises(DefinitionError) as caught:
        read(text)
    problem = caught.value.problems[0]
    return problem.code, problem.line, problem.column


def test_a_definition_is_decoded_from_text_or_bytes_with_or_without_a_byte_order_mark():
    for text in ['{"a": "é"}', '\ufeff{"a": "é"}', '{"a": "é"}'.encode(), b'\xef\xbb\xbf{"a": "\xc3\xa9"}']:
        assert read(text).document == {"a": "é"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1,}', ("SYNTAX", 1, 9)),
        ('{"é":\n tru}', ("SYNTAX", 2, 6)),
        ('{"a": "b\\q"}', ("SYNTAX", 1, 10)),
        ('{"a": 1} x', ("SYNTAX", 1, 10)),
        ('{"a": 01}', ("SYNTAX", 1, 8)),
        ('{"a": NaN}', ("SYNTAX", 1, 7)),
        ('{"a":\n  -Infinity}', ("SYNTAX", 2, 3)),
        ('{"a": [1, 1e999]}', ("SYNTAX", 1, 11)),
        ('{"a": {"b": 1}\n', ("SYNTAX", 1, 15)),
        ('{"a": "\\ud800"}', ("SYNTAX", 1, 8)),
        ("", ("SYNTAX", 1, 1)),
        ("  \n ", ("SYNTAX", 1, 1)),
        ('{"a": "\udc00"}', ("NOT_UNICODE", 1, 8)),
        (b'{\n"a": "\xff"}', ("NOT_UTF8", 2, 7)),
        ("[1]", ("NOT_AN_OBJECT", 1, 1)),
        ("\n 7", ("NOT_AN_OBJECT", 2, 2)),
        ("[" * 100_000, ("TOO_DEEP", 1, 201)),
        ('{"a":\n' + "[" * 201 + "]" * 201 + "}", ("TOO_DEEP", 2, 200)),
        ('{"a": 1, "a": 2}', ("DUPLICATE_KEY", 1, 10)),
        ('{"a": [{"\\u0062": 1, "b": "x:y"}]}', ("DUPLICATE_KEY", 1, 22)),
    ],
)
def test_unsound_text_is_refused_with_its_place(text, expected):
    assert fault(text) == expected


def test_nesting_up_to_the_limit_is_read():
    assert read('{"a":' + "[" * 199 + "]" * 199 + "}").document


def test_every_repeated_key_is_told():
    with pytest.raises(DefinitionError) as caught:
        read('{"a": {"x": 1, "x": 2}, "b/c": 1, "b/c": 2, "a": 3}')
    assert [problem.pointer for problem in caught.value.problems] == ["/a/x", "/b~1c", "/a"]


TEXT = """{
  "name": "w",
  "steps": {
    "a/b": {"type": "x\\"y", "list": [1, {"k": null}]}
  }
}"""


@pytest.mark.parametrize(
    ("pointer", "place"),
    [
        ("", (1, 1)),
        ("/name", (2, 11)),
        ("/steps", (3, 3)),
        ("/steps/a~1b", (4, 5)),
        ("/steps/a~1b/type", (4, 21)),
        ("/steps/a~1b/list", (4, 29)),
        ("/steps/a~1b/list/0", (4, 38)),
        ("/steps/a~1b/list/1", (4, 41)),
        ("/steps/a~1b/list/1/k", (4, 47)),
        ("/steps/none", None),
    ],
)
def test_locate_gives_the_value_or_the_key_of_an_object_or_list(pointer, place):
    assert read(TEXT).locate(pointer) == place


def test_locate_gives_the_key_when_asked():
    assert read(TEXT).locate("/name", key=True) == (2, 3)


def test_positions_count_from_the_text_after_the_byte_order_mark():
    assert read("\ufeff" + TEXT).locate("/name") == (2, 11)


def test_a_decoded_document_has_no_places():
    source = from_document({"name": "w"})
    assert source.document == {"name": "w"}
    assert source.locate("/name") is None


@pytest.mark.parametrize(
    ("document", "pointer", "code"),
    [({"a": {1, 2}}, "/a", "NOT_JSON"), ({"a": [float("nan")]}, "/a/0", "NOT_JSON"), ([], "", "NOT_AN_OBJECT")],
)
def test_a_decoded_document_must_be_a_json_object(document, pointer, code):
    with pytest.raises(DefinitionError) as caught:
        from_document(document)
    assert [(problem.pointer, problem.code) for problem in caught.value.problems] == [(pointer, code)]
