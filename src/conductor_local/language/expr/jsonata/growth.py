"""The built-in functions that make much out of little: `$join`, `$replace` and `$match`.

Calls go to a lambda, `$__join` and so on, which looks at the lengths first and then calls the function itself with what it was
given, so that its rules and errors stay its own. A lambda does not know the context item, so where a call leaves it to stand for
the first argument, it is written down. A replacement that is a function needs no look: every call of it takes time, and time is
bounded. An expression that gives such a name a meaning of its own is left as it is.
"""

from collections.abc import Mapping
from typing import Final

from conductor_local.language.expr.jsonata import limits
from conductor_local.language.expr.jsonata.engine import Function, Refusal
from conductor_local.language.expr.jsonata.syntax import Tree
from conductor_local.payload import Json

DEFINITIONS: Final[Mapping[str, str]] = {
    "join": (
        "($__all := $join; function($t,$s){("
        "$__check_joined($sum($map($t[$type($)='string'],$length)),$count($t),$type($s)='string'?$length($s):0);"
        "$exists($s)?$__all($t,$s):$__all($t))})"
    ),
    "replace": (
        "($__all := $replace; function($s,$p,$r,$n){("
        f"$type($s)='string' and $type($r)='string' and ($length($s)+1)*($length($r)+1)>{limits.TEXT_LENGTH}?("
        f"$most := $min([$floor({limits.TEXT_LENGTH}/($length($r)+1))+1,$type($n)='number' and $n>=0?$n:{limits.TEXT_LENGTH}]);"
        "$__check_matched($type($p)='string'?0:$length($s));"
        "$__check_replaced($length($s),$type($p)='string'?$count($split($s,$p))-1:$count($match($s,$p,$most)),$most,$r));"
        "$exists($n)?$__all($s,$p,$r,$n):$__all($s,$p,$r))})"
    ),
    "match": (
        "($__all := $match; function($s,$p,$n){("
        "$__check_matched($type($s)='string'?$length($s):0);$exists($n)?$__all($s,$p,$n):$__all($s,$p))})"
    ),
}


def redirected(name: str, arguments: tuple[Tree, ...], *, is_piped: bool) -> str | None:
    """Return what to write before the arguments of a call of `name` that shall go to `$__name`; None where it shall not.

    A call with another number of arguments than the function has stays as it is, and is refused. `is_piped`: `~>` brings one more.
    """
    if name not in DEFINITIONS:
        return None
    if not is_piped and _leaves_first_out(name, arguments):
        return "$,"
    fewest, most = {"join": (1, 2), "replace": (3, 4), "match": (2, 3)}[name]
    return "" if fewest <= len(arguments) + is_piped <= most else None


def _leaves_first_out(name: str, arguments: tuple[Tree, ...]) -> bool:
    """Say whether the context item stands for the first argument."""
    if name == "match":
        return bool(arguments) and arguments[0].kind == "regex"
    if name != "replace":
        return False
    return (len(arguments) == 2 and arguments[1].kind != "number") or (len(arguments) == 3 and arguments[2].kind == "number")


def _check_joined(length: Json, count: Json, separator: Json) -> Json:
    _check((length or 0) + (count or 0) * separator)


def _check_replaced(length: Json, matches: Json, most: Json, replacement: str) -> Json:
    # `$1` and the like put parts of the text in again.
    _check(length * (1 + replacement.count("$")) + min(matches, most) * len(replacement))


def _check_matched(length: Json) -> Json:
    if length > limits.MATCHED_LENGTH:
        raise Refusal(limits.MEMORY)


def _check(length: float) -> None:
    if length > limits.TEXT_LENGTH:
        raise Refusal(limits.MEMORY)


CHECKS: Final[Mapping[str, Function]] = {
    "__check_joined": _check_joined,
    "__check_replaced": _check_replaced,
    "__check_matched": _check_matched,
}
NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "join": ("__check_joined",),
    "replace": ("__check_replaced", "__check_matched"),
    "match": ("__check_matched",),
}
