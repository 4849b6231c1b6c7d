"""Paths: what they mean, what they select, what is refused."""

from typing import Any

import pytest

from conductor_local.language.expr import ExpressionSyntaxError, Root, parse

from .helpers import value_of

BOOK: dict[str, Any] = {
    "store": {
        "book": [
            {"title": "A", "price": 8, "tags": ["x"]},
            {"title": "B", "price": 12.5},
            {"title": "C", "price": 9, "isbn": None},
        ],
        "open hours": "9-5",
        "foo-bar": 1,
        "größe": 2,
    },
    "n": [0, 1, 2, 3, 4],
    "max": 10,
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$", BOOK),
        ("$.store.book[0].title", "A"),
        ("$['store']['open hours']", "9-5"),
        ('$["store"]["foo-bar"]', 1),
        ("$.store.foo-bar", 1),
        ("$.store.größe", 2),
        ("$.store[ 'book' ][ 0 ].price", 8),
        ("$.n[-1]", 4),
        ("$.n[1,3]", [1, 3]),
        ("$.n[0,9]", [0]),
        ("$.n[:2]", [0, 1]),
        ("$.n[3:]", [3, 4]),
        ("$.n[-2:]", [3, 4]),
        ("$.n[:-3]", [0, 1]),
        ("$.n[-9:]", [0, 1, 2, 3, 4]),
        ("$.n[1:3]", [1, 2]),
        ("$.n[1:99]", [1, 2, 3, 4]),
        ("$.n[-3:-1]", [2, 3]),
        ("$.n[1:-1]", []),
        ("$.n[*]", [0, 1, 2, 3, 4]),
        ("$.store.book[*].title", ["A", "B", "C"]),
        ("$.store.book.*.title", ["A", "B", "C"]),
        ("$..title", ["A", "B", "C"]),
        ("$..book[0].title", ["A"]),
        ("$..book[*].isbn", [None]),
        ("$..tags[0]", ["x"]),
        ("$.store['foo-bar','größe']", {"foo-bar": 1, "größe": 2}),
        ("$.store.book[0]['title','absent']", {"title": "A"}),
        ("$.store['book','foo-bar'][0].title", ["A"]),
        ("$.store.book[?(@.price < 10)].title", ["A", "C"]),
        ("$.store.book[?(@.price <= 9 && @.title != 'A')].title", ["C"]),
        ("$.store.book[?(@.price > 10 || @.title == 'A')].title", ["A", "B"]),
        ("$.store.book[?(@.isbn)].title", ["C"]),
        ("$.store.book[?(!@.isbn)].title", ["A", "B"]),
        ("$.store.book[?(!(@.price >= 9))].title", ["A"]),
        ("$.store.book[?(@.isbn == null)].title", ["C"]),
        ("$.store.book[?(@.price < $.max)].title", ["A", "C"]),
        ("$.store.book[?(@.title =~ /[ab]/i)].title", ["A", "B"]),
        ("$.store.book[?(@.title =~ /a/)].title", []),
        ("$.store.book[?(@.title in ['A', 'C'])].title", ["A", "C"]),
        ("$.store.book[?(@.title nin ['A'])].title", ["B", "C"]),
        ("$.store.book[?(@.price == '8')].title", ["A"]),
        ('$.store.book[?(@.tags[0] == "x")].title', ["A"]),
        ("$.store.book[?('x' in @.tags)].title", ["A"]),
        ("$.store.book[?(@.title == 'A')][0]", []),
        ("$..[?(@.price > 9)].title", ["B"]),
        ("$.store[?(@.foo-bar == 1)].größe", [2]),
        ("$.n[?(@ >= 3)]", [3, 4]),
        ("$.absent[*]", []),
        ("$.absent[1:].x", []),
        ("$.store.book[?(@.absent != 1)].title", ["A", "B", "C"]),
        ("$.store.book[?(@.tags.length > 0)].title", []),
        ("$.store.book[?(@.tags[*])].title", ["A"]),
        ("$.store.book[?($.n[?(@ > 9)])].title", []),
        ("$.store.book[?(@.tags == ['x'])].title", ["A"]),
        ("$.store.book[?(@.title in [])].title", []),
        ("$.store.book[?('8' == @.price)].title", ["A"]),
        ("$.store.book[?(@.price =~ /1.*/)].title", ["B"]),
        ("$.store.book[?(@.price == 1.25E1)].title", ["B"]),
        ("$.store.book[?(@.title == '\\u0041')].title", []),
        ("$.store.book[?(@.title < 'B')].title", ["A"]),
        ("$.store.book[?(@.title < 5)].title", []),
        ("$..book['title','price']", []),
        ("$.store.book[*]['title','isbn']", [{"title": "A"}, {"title": "B"}, {"title": "C", "isbn": None}]),
        ("$.n[*]['a','b']", []),
        ("$.store['book','größe'].x", []),
    ],
)
def test_a_path_selects(text: str, expected: Any) -> None:
    assert value_of(text, BOOK) == expected


def test_a_filter_never_takes_a_boolean_for_a_number() -> None:
    document = [{"v": True}, {"v": 1}, {"v": 1.0}]
    assert value_of("$[?(@.v == 1)]", document) == [{"v": 1}, {"v": 1.0}]
    assert value_of("$[?(@.v == true)]", document) == [{"v": True}]
    assert value_of("$[?(@.v < 5)]", document) == [{"v": 1}, {"v": 1.0}]


def test_a_backslash_in_a_quoted_name_stands_for_itself_before_another_quote() -> None:
    key = 'Test\\""Name"'
    assert value_of('$[\'Test\\""Name"\']', {key: 1}) == 1


def test_a_backslash_escapes_the_quote_around_it_and_itself() -> None:
    assert value_of(r"$['it\'s']", {"it's": 1}) == 1
    assert value_of(r"$['a\\']", {"a\\": 1}) == 1


def test_descending_takes_each_place_before_what_is_below_it() -> None:
    document = {"x": {"x": 1}, "l": [{"x": 2}]}
    assert value_of("$..x", document) == [{"x": 1}, 1, 2]
    assert value_of("$..*", [[1], 2]) == [[1], 2, 1]


def test_a_text_has_no_items() -> None:
    assert value_of("$.t[*]", {"t": "abc"}) == []
    assert value_of("$.t[0:1]", {"t": "abc"}) == []


@pytest.mark.parametrize(
    ("text", "root", "variable", "definite", "reference", "canonical"),
    [
        ("$", Root.INPUT, None, True, True, "$"),
        ("$$", Root.CONTEXT, None, True, True, "$"),
        ("$$.Execution.Id", Root.CONTEXT, None, True, True, "$['Execution']['Id']"),
        ("$größe_1.a[0]", Root.VARIABLE, "größe_1", True, True, "$['a'][0]"),
        ("$.a[-1]", Root.INPUT, None, True, False, "$['a'][-1]"),
        ("$.a['b','c']", Root.INPUT, None, True, False, "$['a']['b','c']"),
        ("$.a['b','c'].d", Root.INPUT, None, False, False, "$['a']['b','c']['d']"),
        ("$.a[1,2]", Root.INPUT, None, False, False, "$['a'][1,2]"),
        ("$.a[:2]", Root.INPUT, None, False, False, "$['a'][:2]"),
        ("$..a", Root.INPUT, None, False, False, "$..['a']"),
        ("$.a[?(@.b)]", Root.INPUT, None, False, False, "$['a'][?]"),
        ("$.*", Root.INPUT, None, False, False, "$[*]"),
    ],
)
def test_a_path_knows_what_it_is(
    text: str, root: Root, variable: str | None, definite: bool, reference: bool, canonical: str
) -> None:
    path = parse(text)
    assert (path.root, path.names_variable, path.is_definite, path.is_reference, path.canonical) == (
        root,
        variable,
        definite,
        reference,
        canonical,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("a", 0),
        (" $.a", 0),
        ("$.", 2),
        ("$..", 3),
        ("$.a.", 4),
        ("$-a", 1),
        ("$$a", 2),
        ("$.a b", 3),
        ("$.a[", 4),
        ("$.a[]", 4),
        ("$.a[x]", 4),
        ("$.a['x]", 4),
        ("$.a['x' 'y']", 8),
        ("$.a['x',]", 8),
        ("$.a[1,]", 6),
        ("$.a[1", 5),
        ("$.a[:]", 4),
        ("$.a[0:4:2]", 7),
        ("$.a[99999999999999999999]", 4),
        ("$.*x", 3),
        ("$.a.length()", 4),
        ("$[?]", 3),
        ("$[?()]", 4),
        ("$[?(@.a ==)]", 10),
        ("$[?(@.a == 1]", 12),
        ("$[?(1)]", 4),
        ("$[?(@.a =~ 'x')]", 11),
        ("$[?(@.a =~ /(/)]", 11),
        ("$[?(@.a =~ /a)]", 11),
        ("$[?(@.a =~ /a/q)]", 15),
        ("$[?(@.a == 'x)]", 11),
        ("$[?(@.a == 1e999)]", 11),
        ("$[?(@.a in [1)]", 13),
        ("$[?(@.a == ~)]", 11),
        ("$[?(" + "(" * 30 + "@.a", 24),
        ("$[?(1 in " + "[" * 30, 29),
        ("$[?(@.a == 'x\\", 11),
        ("$[?(@.a == 12x)]", 11),
        ("$" + ".a" * 300, 401),
        ("$." + "a" * 20_000, 20_000),
    ],
)
def test_a_bad_path_is_refused_where_it_goes_wrong(text: str, position: int) -> None:
    with pytest.raises(ExpressionSyntaxError) as caught:
        parse(text)
    assert caught.value.position == position
    assert caught.value.message.endswith(f"at character {position + 1}")
