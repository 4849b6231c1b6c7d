"""The JSONata engine: the only module that knows which library evaluates.

Rules: the library is imported when the first expression is compiled, not before; a compiled expression is never changed after
`compile` returned; it belongs to the thread that compiled it, which alone may evaluate it and let go of it; every way an evaluation
can go wrong comes out as an `EngineFault`. Another library fits behind `check` and `compile` when it can bind variables and
functions and answer with JSON text.
"""

import re
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final, Protocol, cast

import msgspec

from conductor_local.language.expr.jsonata import limits
from conductor_local.language.expr.jsonata.numbers import bounded
from conductor_local.payload import Json

Function = Callable[..., Json]
_CODE: Final = re.compile(r"^(?:Parse error: )?(?:[A-Z][a-z ]+: )?(?P<code>[A-Z]\d{4}): (?P<message>[\s\S]*)$")
_RAISED: Final = re.compile(r"^host function raised (?P<name>\w+): (?P<message>[\s\S]*)$")
_decode: Final = msgspec.json.Decoder().decode


class Refusal(Exception):
    """A bound function refuses its arguments; the text is `CODE: message`, or only a message."""


class EngineFault(Exception):
    """The engine refused or gave up: `code` is JSONata's own, or empty when there is none."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


_KEPT_MAX: Final = 4_096  # expressions of a few kilobytes each; more than the machines of one process have


class _Library(Protocol):
    """What is used of a compiled expression of the library."""

    def register_override(self, name: str, func: Function) -> object: ...
    def evaluate_json_or_none(self, json_str: str | None, bindings: dict[str, Json], **bounds: int) -> str | None: ...
    def evaluate(self, data: None, bindings: dict[str, Json], **bounds: int) -> Json: ...


_BOUNDS: Final = {
    "timeout": limits.TIME_MS,
    "max_stack_depth": limits.DEPTH,
    "max_sequence_length": limits.SEQUENCE_LENGTH,
}


class Evaluator:
    """One compiled expression."""

    __slots__ = ("_compiled",)

    def __init__(self, compiled: _Library) -> None:
        self._compiled = compiled

    def text(self, bindings: dict[str, Json], document: str | None = None) -> str | None:
        """Return the result as JSON text, None for undefined; a function gives `\"\"` and a non-finite number `null`.

        `document` is the JSON text of the context item; Step Functions has none.
        """
        return cast("str | None", self._call(self._compiled.evaluate_json_or_none, bindings, document))

    def value(self, bindings: dict[str, Json]) -> Json:
        """Return the result with its non-finite numbers; undefined, null and functions are all None."""
        return self._call(self._compiled.evaluate, bindings, None)

    def _call(self, evaluate: Callable[..., Json], bindings: dict[str, Json], document: str | None) -> Json:
        try:
            return evaluate(document, bindings, **_BOUNDS)
        except OverflowError:
            return self._call(evaluate, {name: bounded(value) for name, value in bindings.items()}, document)
        except (ValueError, TypeError) as fault:
            raise _translated(str(fault)) from None
        except BaseException as fault:
            # A panic of the native library derives from BaseException, as KeyboardInterrupt does.
            if type(fault).__name__ != "PanicException":
                raise
            raise EngineFault("", "The expression could not be evaluated") from fault


_kept: Final[deque[Evaluator]] = deque(maxlen=_KEPT_MAX)


def check(text: str) -> None:
    """Raise `EngineFault` when `text` is not an expression."""
    _compile(text)


def compile(text: str, functions: Mapping[str, Function]) -> Evaluator:
    """Compile `text`, in which `functions` can be called; raises `EngineFault`."""
    compiled = _compile(text)
    for name, function in functions.items():
        compiled.register_override(name, function)
    return Evaluator(compiled)


def keep(evaluator: Evaluator) -> Evaluator:
    """Hold on to an expression of a program, so that it ends in the thread that compiles others after it.

    A program that nobody uses any more may be collected by whatever thread runs just then; the library complains and leaks when
    that is another thread than the one that compiled.
    """
    _kept.append(evaluator)
    return evaluator


def decode(text: str) -> Json:
    """Return the value of JSON text the engine answered."""
    return _decode(text)


def _compile(text: str) -> _Library:
    import jsonatapy

    try:
        return cast("_Library", jsonatapy.compile(text))
    except ValueError as fault:
        raise _translated(str(fault)) from None


def _translated(text: str) -> EngineFault:
    if raised := _RAISED.match(text):
        text = raised["message"] if raised["name"] == Refusal.__name__ else "A function failed"
    if coded := _CODE.match(text):
        return EngineFault(coded["code"], coded["message"])
    return EngineFault("", text)
