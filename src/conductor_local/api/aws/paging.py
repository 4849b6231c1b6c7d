"""nextToken: what a client hands back to read on.

Rules: a token belongs to one operation with the same other arguments, and to the account and region it was given to; it is valid
for a day; everything else is an `InvalidToken`. It holds a place, not a page: what is added or taken away between two calls neither
repeats nor hides anything else. `maxResults` 0, or none, means 100.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import timedelta
from hashlib import blake2b
from typing import TypeVar

import msgspec

from conductor_local.api.aws.call import Call
from conductor_local.api.aws.errors import AwsError
from conductor_local.payload import Json

Item = TypeVar("Item")
RESULTS_DEFAULT, RESULTS_MAX = 100, 1_000
VALID = timedelta(hours=24)
_PAGE_ITSELF = frozenset({"nextToken", "maxResults"})
_SEAL_BYTES = 12


class _Token(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """`issued` is in whole seconds since 1970."""

    issued: int
    cursor: str | int


_decoder = msgspec.json.Decoder(_Token)


def results_max(call: Call) -> int:
    """Return how many results the caller wants at most."""
    return min(call.params.get("maxResults") or RESULTS_DEFAULT, RESULTS_MAX)


def page(call: Call, items: Sequence[Item], key: Callable[[Item], str | int]) -> tuple[Sequence[Item], dict[str, Json]]:
    """Return the page of `items` that the caller wants, and the member `nextToken` when there are more.

    The items are sorted by `key`, which is unique, in ascending order. Raises `AwsError` InvalidToken.
    """
    begin = 0
    if (last := cursor(call)) is not None:
        try:
            begin = bisect_right(items, last, key=key)
        except TypeError:
            raise invalid_token() from None
    shown = items[begin : begin + results_max(call)]
    return shown, next_token(call, key(shown[-1])) if begin + len(shown) < len(items) else {}


def cursor(call: Call) -> str | int | None:
    """Return what `next_token` was given; None: the caller begins. Raises `AwsError` InvalidToken."""
    token = call.params.get("nextToken")
    if token is None:
        return None
    try:
        sealed = urlsafe_b64decode(token.encode("ascii"))
        found = _decoder.decode(sealed[_SEAL_BYTES:])
    except (NotBase64, ValueError, msgspec.DecodeError):
        raise invalid_token() from None
    age = timedelta(seconds=int(call.at.timestamp()) - found.issued)
    if sealed[:_SEAL_BYTES] != _seal(call, sealed[_SEAL_BYTES:]) or age > VALID:
        raise invalid_token()
    return found.cursor


def next_token(call: Call, cursor: str | int | None) -> dict[str, Json]:
    """Return the member `nextToken` with which the caller reads on behind `cursor`; nothing for None."""
    if cursor is None:
        return {}
    token = msgspec.json.encode(_Token(int(call.at.timestamp()), cursor))
    return {"nextToken": urlsafe_b64encode(_seal(call, token) + token).decode()}


def invalid_token() -> AwsError:
    """Return the refusal of a token, also that of a task."""
    return AwsError("InvalidToken", "Invalid Token: 'Invalid token'")


def _seal(call: Call, token: bytes) -> bytes:
    """Tie a token to what was asked. This finds mistakes; there is nothing here to be kept from anybody."""
    arguments = {name: value for name, value in call.params.items() if name not in _PAGE_ITSELF}
    asked = msgspec.json.encode([call.operation, call.account, call.region, arguments], order="sorted")
    return blake2b(asked + token, digest_size=_SEAL_BYTES).digest()
