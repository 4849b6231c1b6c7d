"""Tokens that hold a place in a list."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from conductor_local.api.aws.call import Call
from conductor_local.api.aws.errors import AwsError
from conductor_local.api.aws.paging import cursor, next_token, page, results_max
from conductor_local.runtime.settings import Settings

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def call(*, operation: str = "ListActivities", account: str = "1" * 12, at: datetime = NOW, **params: Any) -> Call:
    service = cast("Any", None)
    return Call(
        service=service, settings=Settings(), params=params, region="r", account=account, operation=operation, at=at
    )  # fmt: skip


def refused(wrong: Call) -> bool:
    with pytest.raises(AwsError) as refusal:
        cursor(wrong)
    return (refusal.value.code, refusal.value.message) == ("InvalidToken", "Invalid Token: 'Invalid token'")


def pages(items: list[str], size: int) -> list[list[str]]:
    found, token = [], dict[str, Any]()
    while not found or token:
        shown, token = page(call(maxResults=size, **token), items, key=str)
        found.append(list(shown))
    return found


def test_pages_are_cut_in_order_and_the_last_has_no_token() -> None:
    assert pages(["a", "b", "c", "d", "e"], 2) == [["a", "b"], ["c", "d"], ["e"]]
    assert pages(["a", "b"], 2) == [["a", "b"]]
    assert pages([], 2) == [[]]


def test_what_is_deleted_between_two_pages_hides_nothing() -> None:
    items = ["a", "b", "c", "d"]
    _, token = page(call(maxResults=2), items, key=str)
    shown, _ = page(call(maxResults=2, **token), ["c", "d"], key=str)
    assert list(shown) == ["c", "d"]


def test_sizes_of_pages() -> None:
    assert [results_max(call(**params)) for params in ({}, {"maxResults": 0}, {"maxResults": 7}, {"maxResults": 1000})] == [
        100, 100, 7, 1000,
    ]  # fmt: skip


@pytest.mark.parametrize("value", [0, 17, "", "name", "é" * 80])
def test_a_token_gives_back_what_it_was_given(value: str | int) -> None:
    token = next_token(call(stateMachineArn="m"), value)
    assert cursor(call(stateMachineArn="m", maxResults=3, **token)) == value
    assert len(token["nextToken"]) < 1024


def test_no_cursor_is_no_token() -> None:
    assert next_token(call(), None) == {}
    assert cursor(call()) is None


@pytest.mark.parametrize("garbage", ["InvalidToken", "x", "é", "AAAA", "=" * 8, "a" * 1024, ""])
def test_garbage_is_refused(garbage: str) -> None:
    assert refused(call(nextToken=garbage))


def test_a_token_is_good_for_the_same_question_only() -> None:
    token = next_token(call(stateMachineArn="m"), "a")
    assert cursor(call(stateMachineArn="m", **token)) == "a"
    assert refused(call(stateMachineArn="other", **token))
    assert refused(call(**token))
    assert refused(call(stateMachineArn="m", operation="ListExecutions", **token))
    assert refused(call(stateMachineArn="m", account="2" * 12, **token))


def test_a_changed_token_is_refused() -> None:
    token = next_token(call(), 10)["nextToken"]
    for place in range(len(token) - 4):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert refused(call(nextToken=changed))


def test_a_token_is_valid_for_a_day() -> None:
    token = next_token(call(), "a")
    assert cursor(call(at=NOW + timedelta(hours=24), **token)) == "a"
    assert refused(call(at=NOW + timedelta(hours=24, seconds=1), **token))


def test_a_cursor_of_another_kind_than_the_list_s_is_refused() -> None:
    token = next_token(call(), 3)
    with pytest.raises(AwsError, match="InvalidToken"):
        page(call(**token), ["a", "b"], key=str)
