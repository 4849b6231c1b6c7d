"""Names and the functions behind them."""

import difflib
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from conductor_local.errors import SettingsError
from conductor_local.functions.files import shown
from conductor_local.functions.signature import Signature, read
from conductor_local.runtime.views import FunctionView


@dataclass(frozen=True, slots=True)
class Function:
    """A callable that steps can name. A built-in one gives way to a user's function of the same name."""

    name: str
    target: Callable[..., Any]
    signature: Signature
    description: str = ""
    file: str = ""
    line: int = 0
    timeout_s: float | None = None
    is_builtin: bool = False

    @property
    def is_async(self) -> bool:
        """Whether it runs on the event loop rather than in a thread."""
        return self.signature.is_async

    @property
    def place(self) -> str:
        """Where it is written, for people."""
        return f"{shown(self.file)}:{self.line}" if self.file else "Conductor itself"


def describe(target: Callable[..., Any], *, name: str, timeout_s: float | None = None, is_builtin: bool = False) -> Function:
    """Make a `Function` of a callable. Raises `SettingsError` when it has a parameter that nothing fills."""
    code = getattr(inspect.unwrap(target), "__code__", None)
    file, line = (code.co_filename, code.co_firstlineno) if code else ("", 0)
    try:
        signature = read(target)
    except TypeError as error:
        raise SettingsError(f"{shown(file)}:{line}: function '{name}': {error}.") from None
    description = (inspect.getdoc(target) or "").partition("\n")[0].strip()
    return Function(name, target, signature, description, file, line, timeout_s, is_builtin)


class Registry:
    """A set of functions by name. Swapped as a whole on reload, so that a call sees one consistent set."""

    def __init__(self, functions: Iterable[Function] = ()) -> None:
        self._functions: dict[str, Function] = {}
        for function in functions:
            self.add(function)

    def add(self, function: Function) -> None:
        """Add one. Raises `SettingsError` naming both places when the name is taken by another user function."""
        taken = self._functions.get(function.name)
        if taken is not None and taken.is_builtin == function.is_builtin:
            raise SettingsError(
                f"Two functions are called '{function.name}': {taken.place} and {function.place}. "
                'Rename one, or give it another name with @function(name="…").'
            )
        if taken is None or taken.is_builtin:
            self._functions[function.name] = function

    def find(self, name: str) -> Function | None:
        """Return the function of that name."""
        return self._functions.get(name)

    def near(self, name: str) -> list[str]:
        """Return up to three registered names that somebody who wrote `name` may have meant, nearest first."""
        folded = {known.casefold().replace("_", ""): known for known in self._functions}
        return [folded[match] for match in difflib.get_close_matches(name.casefold().replace("_", ""), folded, n=3)]

    @property
    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted(self._functions)

    def views(self) -> list[FunctionView]:
        """What people see of the functions, sorted by name."""
        return [_view(self._functions[name]) for name in self.names]

    def __len__(self) -> int:
        return len(self._functions)


def _view(function: Function) -> FunctionView:
    return FunctionView(
        name=function.name,
        description=function.description,
        file=shown(function.file) if function.file and not function.is_builtin else "",
        line=0 if function.is_builtin else function.line,
        is_async=function.is_async,
        timeout_seconds=function.timeout_s,
    )
