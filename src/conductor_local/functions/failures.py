"""From an exception of user code to a `Failure`: its name, its text, and the lines of the user's own files it went through."""

import contextlib
import linecache
import traceback
from collections.abc import Iterator
from types import FrameType

from conductor_local.functions.files import is_user_file, shown
from conductor_local.functions.guard import Refused
from conductor_local.functions.modules import plain_name
from conductor_local.program import Failure

CAUSE_MAX = 32_768
"""Characters of a cause; the limit AWS documents for the cause of a failed task."""
FRAMES_MAX = 20
CHAIN_MAX = 5


def failure_of(error: BaseException) -> Failure:
    """Describe what user code raised. Never raises, whatever the exception's own methods do."""
    if type(error) is Refused:
        return error.failure
    details: dict[str, object] = {"type": _type_name(error), "traceback": _lines(error)}
    if causes := [_summary(cause) for cause in _chain(error)]:
        details["causes"] = causes
    return Failure(error=type(error).__name__, cause=text_of(error), details=details)


def text_of(error: BaseException) -> str:
    """Return the exception's text, or its type's name when it has none."""
    text = ""
    with contextlib.suppress(BaseException):  # __str__ is user code too
        text = str(error)
    if isinstance(error, KeyError) and text:
        text = f"there is no key {text}"
    return _clean(text or type(error).__name__)


def user_frames(error: BaseException) -> Iterator[tuple[str, int, str]]:
    """Yield file, line and function name of each frame in the user's own code, outermost first."""
    for frame, line in traceback.walk_tb(error.__traceback__):
        if is_user_file(frame.f_code.co_filename):
            yield frame.f_code.co_filename, line, _qualified(frame)


def _qualified(frame: FrameType) -> str:
    return frame.f_code.co_qualname if hasattr(frame.f_code, "co_qualname") else frame.f_code.co_name


def _lines(error: BaseException) -> list[str]:
    frames = list(user_frames(error))[-FRAMES_MAX:]
    return [_clean(f"{shown(file)}:{line} in {name}: {linecache.getline(file, line).strip()}") for file, line, name in frames]


def _summary(error: BaseException) -> str:
    frames = list(user_frames(error))
    place = f" (at {shown(frames[-1][0])}:{frames[-1][1]})" if frames else ""
    return f"{type(error).__name__}: {text_of(error)}{place}"


def _chain(error: BaseException) -> list[BaseException]:
    """Return the exceptions behind this one, nearest first: causes, contexts and the members of groups."""
    found: list[BaseException] = []
    waiting = _behind(error)
    while waiting and len(found) < CHAIN_MAX:
        nearest = waiting.pop(0)
        if nearest is not error and all(nearest is not other for other in found):
            found.append(nearest)
            waiting += _behind(nearest)
    return found


def _behind(error: BaseException) -> list[BaseException]:
    members = list(error.exceptions) if isinstance(error, BaseExceptionGroup) else []
    if error.__cause__ is not None:
        return [error.__cause__, *members]
    if error.__context__ is not None and not error.__suppress_context__:
        return [error.__context__, *members]
    return members


def _type_name(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{plain_name(str(kind.__module__))}.{kind.__qualname__}"


def _clean(text: str) -> str:
    return text[:CAUSE_MAX].encode(errors="replace").decode()
