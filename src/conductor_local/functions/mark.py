"""The `@function` mark: says that a callable is a function and how it wants to be called. It registers nothing.

The standard library only: users' files import this.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, overload

Target = TypeVar("Target", bound=Callable[..., Any])
_ATTRIBUTE = "__conductor_function__"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a decorator said: `name` None means the callable's own; `module` is where the decorator stands."""

    name: str | None
    timeout_s: float | None
    module: str


@overload
def function(target: Target, /) -> Target: ...
@overload
def function(*, name: str | None = None, timeout_seconds: float | None = None) -> Callable[[Target], Target]: ...
def function(target: Any = None, /, *, name: str | None = None, timeout_seconds: float | None = None) -> Any:
    """Mark a callable as a function that workflow steps can call; it stays the callable it is.

    `name` is what steps write in `functionName`; `timeout_seconds` bounds each call. Raises ValueError when either is not usable
    and TypeError for a class.
    """
    if name is not None and not name.strip():
        raise ValueError("the name of a function must not be empty")
    if timeout_seconds is not None and not 0 < timeout_seconds < float("inf"):
        raise ValueError(f"timeout_seconds must be a number above 0, not {timeout_seconds!r}")
    mark = Mark(name, timeout_seconds, sys._getframe(1).f_globals.get("__name__", ""))
    if target is not None:
        return _put(mark, target)
    return lambda marked: _put(mark, marked)


def mark_of(target: object) -> Mark | None:
    """Return the mark a callable carries."""
    mark = getattr(target, _ATTRIBUTE, None)
    return mark if isinstance(mark, Mark) else None


def _put(mark: Mark, target: Any) -> Any:
    if isinstance(target, type):
        raise TypeError(f"@function marks functions; {target.__name__} is a class")
    if not callable(target):
        raise TypeError(f"@function marks functions; write @function(name={target!r}) to give a name")
    setattr(target, _ATTRIBUTE, mark)
    return target
