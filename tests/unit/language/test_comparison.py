import pytest

from conductor_local.language.absent import ABSENT
from conductor_local.language.comparison import COMPARISONS

EARLY, EARLY_ELSEWHERE, LATE = "2030-01-01T00:00:00Z", "2030-01-01T02:00:00+02:00", "2030-01-01T00:00:00.1Z"


def holds(name: str, value: object, operand: object) -> bool:
    return COMPARISONS[name].test(value, operand)


def test_there_are_39_comparisons():
    assert len(COMPARISONS) == 39
    assert sum(one.is_path for one in COMPARISONS.values()) == 16


@pytest.mark.parametrize(("group", "low", "high"), [("Numeric", 1, 1.5), ("String", "A", "A "), ("Timestamp", EARLY, LATE)])
@pytest.mark.parametrize("suffix", ["", "Path"])
def test_ordered_comparisons(group, low, high, suffix):
    expected = {
        "Equals": (True, False, False),
        "GreaterThan": (False, False, True),
        "GreaterThanEquals": (True, False, True),
        "LessThan": (False, True, False),
        "LessThanEquals": (True, True, False),
    }
    for order, (same, below, above) in expected.items():
        name = group + order + suffix
        assert (holds(name, low, low), holds(name, low, high), holds(name, high, low)) == (same, below, above)


@pytest.mark.parametrize(
    ("name", "value", "operand", "expected"),
    [
        ("NumericEquals", 0, 0.0, True),
        ("NumericEquals", "1", 1, False),
        ("NumericEquals", True, 1, False),
        ("NumericEquals", 1, True, False),
        ("NumericEquals", 2**60 + 1, float(2**60), False),
        ("StringEquals", "a", "A", False),
        ("StringEquals", None, "A", False),
        ("StringEquals", "A", 5, False),
        ("StringLessThan", "Z", "a", True),
        ("BooleanEquals", True, True, True),
        ("BooleanEquals", False, True, False),
        ("BooleanEquals", 1, True, False),
        ("BooleanEquals", "true", True, False),
        ("TimestampEquals", EARLY, EARLY_ELSEWHERE, True),
        ("TimestampEquals", EARLY, "2030", False),
        ("TimestampEquals", "2030", EARLY, False),
        ("TimestampEquals", 5, EARLY, False),
        ("TimestampEquals", EARLY, 5, False),
        ("IsBoolean", False, True, True),
        ("IsBoolean", 0, False, True),
        ("IsNull", None, True, True),
        ("IsNull", 0, True, False),
        ("IsNumeric", 1.5, True, True),
        ("IsNumeric", True, True, False),
        ("IsString", "", True, True),
        ("IsString", None, False, True),
        ("IsTimestamp", EARLY, True, True),
        ("IsTimestamp", "2030", False, True),
        ("IsTimestamp", 5, False, True),
        ("IsPresent", None, True, True),
        ("IsPresent", ABSENT, True, False),
        ("IsPresent", ABSENT, False, True),
    ],
)
def test_edges_of_comparisons(name, value, operand, expected):
    assert holds(name, value, operand) is expected


@pytest.mark.parametrize(
    ("value", "pattern", "expected"),
    [
        ("log-1.txt", "log-*.txt", True),
        ("log-.txt", "log-*.txt", True),
        ("log-1.txt.gz", "log-*.txt", False),
        ("my log-1.txt", "log-*.txt", False),
        ("", "*", True),
        ("", "", True),
        ("a", "", False),
        ("a\nb", "a*b", True),
        ("a*b", r"a\*b", True),
        ("axb", r"a\*b", False),
        ("a\\b", r"a\\b", True),
        ("a\\xb", r"a\\*b", True),
        ("a\\x", r"a\x", True),
        ("a\\", "a\\", True),
        ("aba", "ab*ba", False),
        ("xaybzc", "*a*b*c", True),
        ("xbyazc", "*a*b*c", False),
        ("a.b", "a?b", False),
        (5, "*", False),
        ("a", None, False),
    ],
)
def test_string_matches(value, pattern, expected):
    assert holds("StringMatches", value, pattern) is expected


def test_a_pattern_of_many_stars_is_not_slow():
    assert holds("StringMatches", "a" * 20_000, "*a" * 200 + "*b") is False


@pytest.mark.parametrize(
    ("left", "right"),
    [("a", "b"), ("A", "a"), ("", "a"), ("a", "a "), ("😀", "！"), ("😀", "\uffff"), ("\ud7ff", "😀"), ("😀", "😁")],
)
def test_texts_are_ordered_by_utf16_unit(left: str, right: str) -> None:
    """Java compares so; by code point an emoji would come after everything on the basic plane."""
    for name, holds in (("LessThan", True), ("LessThanEquals", True), ("GreaterThan", False), ("GreaterThanEquals", False)):
        assert COMPARISONS[f"String{name}"].test(left, right) is holds
        assert COMPARISONS[f"String{name}"].test(right, left) is not holds
