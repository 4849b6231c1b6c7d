"""The functions Step Functions adds to JSONata or changes, and the built-in ones that need a bound.

Each is a JSONata lambda written in front of the expression that uses it, so that arity, undefined arguments and use as a value are
the engine's business; what JSONata cannot say itself is a Python function named `$__…`. The source of the contracts is AWS,
"Transforming data with JSONata", recordings and measurements (us-east-1, August 2026): `$range` truncates its arguments and gives
a sequence, so one element is that element and none is nothing; `$random(42)` is java.util.Random's first double.

Rules: time and chance come from the scope; `$eval` is not there.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from conductor_local.language.expr.jsonata import growth, limits
from conductor_local.language.expr.jsonata.engine import Function, Refusal
from conductor_local.language.expr.jsonata.limits import MEMORY
from conductor_local.language.expr.jsonata.numbers import bounded
from conductor_local.language.expr.jsonata.references import DOUBLING
from conductor_local.language.expr.jsonata.syntax import Tree
from conductor_local.payload import Json
from conductor_local.program import Scope

_NO_FUNCTION: Final = "T1006: Attempted to invoke a non-function"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

DEFINITIONS: Final[Mapping[str, str]] = {
    "partition": "function($a,$n){$exists($a) and $exists($n) ? $__partition($a,$n)}",
    "range": "function($a,$b,$c){$exists($a) and $exists($b) and $exists($c) ? $__range($a,$b,$c).$}",
    "hash": "function($s,$a){$exists($s) ? $__hash($s,$a)}",
    "parse": "function($s){$exists($s) ? $__parse($s)}",
    "random": "function($s){$exists($s) ? $__seeded($s) : $__random()}",
    "uuid": "function(){$__uuid()}",
    "shuffle": "function($a){$exists($a) ? $__shuffle($a)}",
    "now": "function($p,$z){$fromMillis($__millis(),$p,$z)}",
    "millis": "function(){$__millis()}",
    "eval": "function($e){$__eval()}",
    "distinct": f"($__all := $distinct; function($a){{$count($a) > {limits.SCAN_LENGTH} ? $__distinct($a) : $__all($a)}})",
}
"""What stands in front of an expression that uses the name."""

HELD: Final = "$__held"
"""Wrapped around what `DOUBLING` stands for."""
_GUARDED: Final[Mapping[str, str]] = {"pad": "width", "formatInteger": "roman", "formatNumber": "picture", "fromMillis": "instant"}
GUARDS: Final[Mapping[str, str]] = {
    **{name: f"$__{guard} := function($v){{$exists($v) ? $__check_{guard}($v) : $v}}" for name, guard in _GUARDED.items()},
    DOUBLING: "$__held := function($v){($__check_held($v); $v)}",
}
"""Built-in functions whose arguments are looked at first, and the definition that does it."""


def guard_of(name: str, arguments: tuple[Tree, ...], position: int) -> str | None:
    """Return the function to wrap one of the `arguments` of a call of `name` with, or None."""
    # With one argument fewer than the signature has, the context item stands for the first one.
    place = {"pad": 1, "formatInteger": 0, "formatNumber": 1, "fromMillis": 0}.get(name)
    if place is None or not (position == place or (len(arguments) == 1 and place == 1)):
        return None
    if name == "formatInteger" and _is_plain_picture(arguments[-1]):
        return None
    return f"$__{_GUARDED[name]}"


def _is_plain_picture(argument: Tree) -> bool:
    return argument.kind == "string" and "i" not in argument.text.lower()


def pure(names: Mapping[str, bool]) -> dict[str, Function]:
    """Return the Python functions behind those of `names` that read nothing but their arguments."""
    return {function: _PURE[function] for name in names for function in _NEEDS.get(name, ()) if function in _PURE}


def scoped(names: Mapping[str, bool], scope: Scope) -> dict[str, Function]:
    """Return the Python functions behind those of `names` that read the scope."""
    return {function: _SCOPED[function](scope) for name in names for function in _NEEDS.get(name, ()) if function in _SCOPED}


def is_scoped(name: str) -> bool:
    """Say whether a function gives something else in another scope."""
    return any(function in _SCOPED for function in _NEEDS.get(name, ()))


def _partition(items: Json, size: Json) -> Json:
    length = _whole(size, "partition", 2)
    if length <= 0:
        raise Refusal(_mismatch("partition", 2))
    held = items if isinstance(items, list) else [items]
    return [held[start : start + length] for start in range(0, len(held), length)]


def _range(first: Json, last: Json, step: Json) -> Json:
    start, end, by = (_whole(value, "range", place) for place, value in enumerate((first, last, step), 1))
    if by == 0:
        raise Refusal(_mismatch("range", 3))
    values = range(start, end + (1 if by > 0 else -1), by)
    if len(values) > limits.RANGE_LENGTH:
        raise Refusal(MEMORY)
    return list(values)


_ALGORITHMS: Final = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


def _hash(text: Json, algorithm: Json) -> Json:
    if not isinstance(text, str):
        raise Refusal(_mismatch("hash", 1))
    name = _ALGORITHMS.get(algorithm) if isinstance(algorithm, str) else None
    if name is None:
        raise Refusal(_mismatch("hash", 2))
    return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()


def _parse(text: Json) -> Json:
    if not isinstance(text, str):
        raise Refusal(_mismatch("parse", 1))
    try:
        return bounded(msgspec.json.decode(text))
    except (msgspec.DecodeError, RecursionError):
        raise Refusal("The argument of the parse function is not valid JSON") from None


def _seeded(seed: Json) -> Json:
    """Return the first double of a java.util.Random of this seed."""
    state = (_whole(seed, "random", 1) ^ 0x5DEECE66D) & _MASK
    state = (state * 0x5DEECE66D + 0xB) & _MASK
    high = state >> 22
    state = (state * 0x5DEECE66D + 0xB) & _MASK
    return ((high << 27) + (state >> 21)) / (1 << 53)


_MASK: Final = (1 << 48) - 1


def _eval() -> Json:
    raise Refusal(_NO_FUNCTION)


def _distinct(items: list[Json]) -> Json:
    encode = msgspec.json.Encoder(order="sorted").encode
    seen: dict[bytes, Json] = {}
    for item in items:
        seen.setdefault(encode(item), item)
    return list(seen.values())


def _check_width(width: Json) -> Json:
    if isinstance(width, int | float) and abs(width) > limits.TEXT_LENGTH:
        raise Refusal(MEMORY)
    return width


def _check_roman(value: Json) -> Json:
    # The library writes a thousand as one letter, whatever the picture costs.
    if isinstance(value, int | float) and abs(value) > limits.ROMAN_MAX:
        raise Refusal(MEMORY)
    return value


def _check_picture(picture: Json) -> Json:
    if isinstance(picture, str) and len(picture) > limits.PICTURE_LENGTH:
        raise Refusal(MEMORY)
    return picture


def _check_instant(value: Json) -> Json:
    # JavaScript's Date cuts parts of a millisecond off; the library refuses them.
    return int(value) if isinstance(value, float) else value


def _check_held(value: Json) -> Json:
    # Objects share their members inside the library, so doubling one costs nothing until the result is written.
    if isinstance(value, str) and len(value) > limits.TEXT_LENGTH:
        raise Refusal(MEMORY)
    count, open_values = 0, [value]
    while open_values:
        current = open_values.pop()
        if type(current) is dict or type(current) is list:
            count += len(current)
            open_values.extend(current.values() if type(current) is dict else current)
        if count > limits.OBJECT_MEMBERS:
            raise Refusal(MEMORY)
    return None


def _random(scope: Scope) -> Function:
    return lambda: (scope.entropy() >> 11) / (1 << 53)


def _uuid(scope: Scope) -> Function:
    def draw() -> Json:
        bits = (scope.entropy() << 64 | scope.entropy()) & ~(0xF << 76 | 0x3 << 62) | 0x4 << 76 | 0x2 << 62
        digits = f"{bits:032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    return draw


def _shuffle(scope: Scope) -> Function:
    def shuffle(items: Json) -> Json:
        mixed = list(items) if isinstance(items, list) else [items]
        for place in range(len(mixed) - 1, 0, -1):
            other = scope.entropy() % (place + 1)
            mixed[place], mixed[other] = mixed[other], mixed[place]
        return mixed

    return shuffle


def _millis(scope: Scope) -> Function:
    return lambda: (scope.now - _EPOCH) // timedelta(milliseconds=1)


_PURE: Final[Mapping[str, Function]] = {
    "__partition": _partition,
    "__range": _range,
    "__hash": _hash,
    "__parse": _parse,
    "__seeded": _seeded,
    "__eval": _eval,
    "__distinct": _distinct,
    "__check_held": _check_held,
    "__check_width": _check_width,
    "__check_roman": _check_roman,
    "__check_picture": _check_picture,
    "__check_instant": _check_instant,
    **growth.CHECKS,
}
_SCOPED: Final[Mapping[str, Callable[[Scope], Function]]] = {
    "__random": _random,
    "__uuid": _uuid,
    "__shuffle": _shuffle,
    "__millis": _millis,
}
_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    **{name: (f"__{name}",) for name in ("partition", "range", "hash", "parse", "uuid", "shuffle", "millis", "eval", "distinct")},
    **{name: (f"__check_{guard}",) for name, guard in _GUARDED.items()},
    DOUBLING: ("__check_held",),
    "random": ("__seeded", "__random"),
    "now": ("__millis",),
    **growth.NEEDS,
}


def _whole(value: Json, function: str, place: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refusal(_mismatch(function, place))
    return int(value)


def _mismatch(function: str, place: int) -> str:
    return f'T0410: Argument {place} of function "{function}" does not match function signature'
