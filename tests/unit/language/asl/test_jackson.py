"""What is said of text that is no JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_local.language.asl import complaint
from conductor_local.language.asl.jackson import VALUES

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not json", f"Unrecognized token 'not': was expecting {VALUES}"),
        ("{'a':1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name"),
        ("", "No content to map due to end-of-input"),
        ('{"a":1', "Unexpected end-of-input: expected close marker for Object"),
        ("[1,2", "Unexpected end-of-input: expected close marker for Array"),
        ('{"a" 1}', "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value"),
        ('{"a":1 "b"}', "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries"),
        ('{"a":}', f"Unexpected character ('}}' (code 125)): expected a valid value {VALUES}"),
        ('{"a":1,}', "Unexpected character ('}' (code 125)): was expecting double-quote to start field name"),
        ('{"a":"x', "Unexpected end-of-input: was expecting closing quote for a string value"),
        ('{"a":1} x', "Unexpected character ('x' (code 120)): was expecting the end of the input"),
        ("[" * 100_000, "Document nesting depth exceeds the maximum allowed"),
    ],
)
def test_the_first_fault_is_named(text: str, said: str) -> None:
    assert complaint(text) == said


@pytest.mark.parametrize("text", ["1e400", '{"a":1,"a":2}', '"\\ud800"', '"\x01"'])
def test_what_looks_like_json_and_cannot_be_kept_is_refused_too(text: str) -> None:
    assert complaint(text)


@given(JSON, st.sampled_from([None, 1]))
def test_json_has_no_fault(value: object, indent: int | None) -> None:
    assert complaint(json.dumps(value, indent=indent)) is None
