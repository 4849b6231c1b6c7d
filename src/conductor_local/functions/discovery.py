"""From places to functions: folders, files and dotted modules.

Rules: in a file called `functions.py` every public top-level callable written there is a function; elsewhere only what is marked
with `@function`. Classes never are. `load` may be called again and sees new code; when it raises, nothing has changed, so the
caller keeps the registry it has.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from conductor_local.errors import SettingsError
from conductor_local.functions.failures import text_of, user_frames
from conductor_local.functions.files import shown
from conductor_local.functions.guard import Raised, attempt
from conductor_local.functions.mark import mark_of
from conductor_local.functions.modules import importing, load_file, load_named, reach
from conductor_local.functions.registry import Function, Registry, describe

_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_NOT_FUNCTIONS = re.compile(r"_.*|test_.*|.*_test|conftest|setup")
"""Names of files in a folder that are never loaded: private ones, tests and packaging."""


def load(places: Sequence[str], *, builtin: Iterable[Function] = ()) -> Registry:
    """Load every place into a new registry, with the `builtin` functions under the user's.

    Raises `SettingsError`, in one line that names file and line, for a place that is not there, a file that cannot be imported, a
    callable that cannot be called as a function, and a name used twice.
    """
    registry = Registry(builtin)
    loaded: set[Path] = set()
    with importing():
        for place in places:
            for module, file in _modules(place, loaded):
                for function in _functions(module, file):
                    registry.add(function)
    return registry


def _modules(place: str, loaded: set[Path]) -> Iterator[tuple[ModuleType, Path]]:
    path = Path(place).expanduser().absolute()
    if path.is_dir():
        files = [file for file in sorted(path.glob("*.py")) if not _NOT_FUNCTIONS.fullmatch(file.stem)]
    elif path.is_file() and path.suffix == ".py":
        files = [path]
    elif path.exists():
        raise SettingsError(f"'{place}' is not a Python file. Name a folder, a .py file or a dotted module.")
    else:
        yield from _named(place, loaded)
        return
    for file in files:
        if file.resolve() not in loaded:
            loaded.add(file.resolve())
            reach(file.parent)
            yield _import(file, load_file, file), file


def _named(place: str, loaded: set[Path]) -> Iterator[tuple[ModuleType, Path]]:
    reach(Path.cwd())
    if not _DOTTED.fullmatch(place) or place.endswith(".py") or not _is_importable(place):
        raise _no_such(place)
    module = _import(Path(place), load_named, place)
    file = Path(module.__file__ or place).absolute()
    if file.resolve() not in loaded:
        loaded.add(file.resolve())
        yield module, file


def _is_importable(name: str) -> bool:
    # Looking for a.b imports a, which may fail in its own way: then importing it again says how.
    found = attempt(find_spec, name)
    if isinstance(found, Raised):
        return not (isinstance(found.error, ModuleNotFoundError) and _parent_is_missing(name, found.error))
    return found is not None


def _parent_is_missing(name: str, error: BaseException) -> bool:
    absent = getattr(error, "name", None) or ""
    return name == absent or name.startswith(f"{absent}.")


def _import(place: Path, how: Callable[[Any], ModuleType], what: Any) -> ModuleType:
    module = attempt(how, what)
    if isinstance(module, Raised):
        if isinstance(module.error, KeyboardInterrupt):
            raise module.error
        raise _cannot_import(place, module.error) from None
    assert isinstance(module, ModuleType)
    return module


def _functions(module: ModuleType, file: Path) -> Iterator[Function]:
    seen: set[int] = set()
    for name, target in list(vars(module).items()):
        mark = mark_of(target)
        if mark is not None and not isinstance(target, type):
            if _is_within(module, mark.module) and id(target) not in seen:
                seen.add(id(target))
                yield describe(target, name=mark.name or name, timeout_s=mark.timeout_s)
        elif file.name == "functions.py" and not name.startswith("_") and _is_written_in(module, target):
            yield describe(target, name=name)


def _is_within(module: ModuleType, name: str) -> bool:
    """A package may gather marked functions from its own modules; any other import of a marked function adds nothing."""
    return name == module.__name__ or (hasattr(module, "__path__") and name.startswith(f"{module.__name__}."))


def _is_written_in(module: ModuleType, target: object) -> bool:
    return callable(target) and not isinstance(target, type) and getattr(target, "__module__", None) == module.__name__


def _no_such(place: str) -> SettingsError:
    parent = Path(place).expanduser().absolute().parent
    entries = parent.iterdir() if parent.is_dir() else iter(())
    known = [entry.name for entry in entries if entry.suffix == ".py" or (entry.is_dir() and not entry.name.startswith("."))]
    near = difflib.get_close_matches(Path(place).name, known, n=1, cutoff=0.5)
    hint = f"did you mean '{Path(place).parent / near[0]}'?" if near else "name a folder, a .py file or a dotted module."
    return SettingsError(f"There is no folder, file or module '{place}'; {hint}")


def _cannot_import(place: Path, error: BaseException) -> SettingsError:
    file, line = _where(place, error)
    what = error.msg if isinstance(error, SyntaxError) else " ".join(text_of(error).split())
    return SettingsError(f"{shown(file)}:{line}: {type(error).__name__}: {what}. {_advice(error)}")


def _where(place: Path, error: BaseException) -> tuple[str, int]:
    if isinstance(error, SyntaxError):
        return error.filename or str(place), error.lineno or 1
    frames = list(user_frames(error))
    return (frames[-1][0], frames[-1][1]) if frames else (str(place), 1)


def _advice(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return "Correct the line and save."
    if isinstance(error, ImportError) and "relative import" in str(error):
        return "Import files of the same folder by their plain name, or name the package as a dotted module."
    if isinstance(error, ModuleNotFoundError):
        return f"Install '{error.name}' in the environment that runs conductor, or correct the name."
    if isinstance(error, SystemExit):
        return "Put what ends the program under if __name__ == '__main__'."
    return "A file of functions must be importable by itself; correct the line and save."
