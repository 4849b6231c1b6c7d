"""JavaScript's numbers in Python's: a JSONata number is a double, and a whole one is written without a fraction.

Rules: `1.0` is `1`, and digits beyond a double's precision are zeros, as `JSON.stringify` writes them (AWS: `$string(1e20)` is
`100000000000000000000`; 1e21 and more keep their exponent). Values that need no change are returned as they are.
"""

import math
from decimal import Decimal
from typing import Final

from conductor_local.payload import Json

_EXACT: Final = 2**53
_WHOLE_MAX: Final = 1e21
_WORD: Final = 2**63 - 1


def number(value: float) -> Json:
    """Return `value` as JSONata would answer it; a number that is not finite becomes its name, as on AWS."""
    if type(value) is int:
        return value if -_EXACT <= value <= _EXACT else _rounded(_double(value))
    if math.isfinite(value):
        return _rounded(value) if abs(value) < _WHOLE_MAX and value.is_integer() else value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def numbers(value: Json) -> Json:
    """Return `value` with every number in it as `number` gives it."""
    if type(value) is float or type(value) is int:
        return number(value)
    return value if _is_settled(value) else _settled(value)


def bounded(value: Json) -> Json:
    """Return `value` with the integers that do not fit a machine word as doubles."""
    kind = type(value)
    if kind is int:
        return value if -_WORD <= value <= _WORD else _double(value)
    if kind is list:
        return [bounded(item) for item in value]
    if kind is dict:
        return {key: bounded(item) for key, item in value.items()}
    return value


def _is_settled(value: Json) -> bool:
    """Say whether no number in `value` needs a change: nearly always so, and much faster than building it anew."""
    open_values = [value]
    while open_values:
        current = open_values.pop()
        kind = type(current)
        for item in current.values() if kind is dict else current if kind is list else ():
            kind = type(item)
            if kind is dict or kind is list:
                open_values.append(item)
            elif kind is float:
                if item.is_integer() or not math.isfinite(item):
                    return False
            elif kind is int and not -_EXACT <= item <= _EXACT:
                return False
    return True


def _settled(value: Json) -> Json:
    kind = type(value)
    if kind is list:
        return [_settled(item) for item in value]
    if kind is dict:
        return {key: _settled(item) for key, item in value.items()}
    return number(value) if kind is float or kind is int else value


def _double(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _rounded(value: float) -> Json:
    if abs(value) <= _EXACT:
        return int(value)
    return int(Decimal(repr(value))) if abs(value) < _WHOLE_MAX else value if math.isfinite(value) else number(value)
