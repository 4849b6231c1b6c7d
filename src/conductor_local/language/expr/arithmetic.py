"""Whole numbers as AWS's intrinsic functions take them, and Java's random numbers.

Rules: `States.MathAdd` rounds halves up (observed 2023-09); everything else cuts the fraction off, although its documentation says
"rounded" (measured 2026); all numbers are 32 bits wide, a seed 64.
"""

import math

from conductor_local.language.comparison import is_number
from conductor_local.payload import Json

_INT_MIN, _INT_MAX = -(2**31), 2**31 - 1
_MULTIPLIER, _ADDEND, _MASK = 0x5DEECE66D, 0xB, (1 << 48) - 1


class BadArguments(Exception):
    """The arguments of an intrinsic function are not what it takes; `detail` completes AWS's sentence."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


def rounded(value: Json) -> int:
    """Return the nearest integer, halves toward positive infinity."""
    number = _number(value)
    below = math.floor(number)
    return int32(below + (number - below >= 0.5))


def truncated(value: Json) -> int:
    """Return the integer before the decimal point."""
    return int32(int(_number(value)))


def int32(number: int) -> int:
    """Return the number if 32 bits hold it."""
    if not _INT_MIN <= number <= _INT_MAX:
        raise BadArguments
    return number


def _number(value: Json) -> int | float:
    if not is_number(value):
        raise BadArguments
    found: int | float = value
    return found


def seeded_random(start: int, end: int, seed: Json) -> int:
    """Return what `new java.util.Random(seed)` draws first from [start, end)."""
    state = (int(_number(seed)) ^ _MULTIPLIER) & _MASK
    bound = end - start
    if bound > _INT_MAX:
        return _wide(state, start, end)
    state, bits = _next(state, 31)
    if bound & (bound - 1) == 0:
        return start + ((bound * bits) >> 31)
    while bits - bits % bound + bound - 1 > _INT_MAX:
        state, bits = _next(state, 31)
    return start + bits % bound


def _wide(state: int, start: int, end: int) -> int:
    """Draw 32 bits until they lie in a range that is wider than an int."""
    while True:
        state, bits = _next(state, 32)
        value = bits - (1 << 32) if bits > _INT_MAX else bits
        if start <= value < end:
            return value


def _next(state: int, bits: int) -> tuple[int, int]:
    state = (state * _MULTIPLIER + _ADDEND) & _MASK
    return state, state >> (48 - bits)
