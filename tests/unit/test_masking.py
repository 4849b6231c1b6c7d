"""Secrets are hidden by the names of their keys."""

import pytest

from conductor_local.masking import MASK, is_sensitive, mask, mask_text

SENSITIVE = [
    "password", "PASSWORD", "userPassword", "user_password", "secret", "clientSecret", "token", "accessToken", "access-token",
    "api_key", "apiKey", "API-Key", "apikey", "X-Api-Key", "authorization", "Authorization", "privateKey", "credentials", "pwd",
    "dbPwd", "Set-Cookie", "auth", "JWT", "cardPIN",
]  # fmt: skip


@pytest.mark.parametrize("key", SENSITIVE)
def test_a_sensitive_key_hides_its_value(key: str) -> None:
    assert mask({key: "hunter2"}) == {key: MASK}


@pytest.mark.parametrize("key", ["email", "author", "key", "shipping", "spinning", "passenger", "compass", "id", ""])
def test_an_ordinary_key_shows_its_value(key: str) -> None:
    assert not is_sensitive(key)


def test_secrets_deep_inside_lists_and_objects_are_hidden() -> None:
    assert mask([{"user": {"password": "x", "email": "a@b"}}]) == [{"user": {"password": MASK, "email": "a@b"}}]


def test_a_whole_object_under_a_sensitive_key_is_hidden() -> None:
    assert mask({"credentials": {"user": "a", "code": [1, 2]}}) == {"credentials": MASK}


def test_none_and_truth_values_tell_no_secret() -> None:
    assert mask({"password": None, "hasPassword": True, "pin": 0}) == {"password": None, "hasPassword": True, "pin": MASK}


def test_the_value_itself_is_not_changed() -> None:
    value = {"nested": [{"token": "x"}]}
    copy = mask(value)
    copy["nested"].append(1)
    assert value == {"nested": [{"token": "x"}]}


@pytest.mark.parametrize("value", [None, 1, 1.5, "password", True])
def test_a_bare_value_is_shown(value: object) -> None:
    assert mask(value) == value


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("password=hunter2, user=ada", "password=***, user=ada"),
        ('{"token": "a b c", "n": 1}', '{"token": ***, "n": 1}'),
        ("{'apiKey': 'it\\'s', 'id': 4}", "{'apiKey': ***, 'id': 4}"),
        ("Authorization: Bearer abc.def sent", "Authorization: *** sent"),
        ("GET https://host/?token=abc&page=2", "GET https://host/?token=***&page=2"),
        ("said: secret = [1, 2] twice", "said: secret = *** twice"),
        ("author: Ada keeps no secrets", "author: Ada keeps no secrets"),
    ],
)
def test_in_a_text_the_values_of_sensitive_keys_are_hidden(text: str, shown: str) -> None:
    assert mask_text(text) == shown
