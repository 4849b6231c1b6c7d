"""Importing the user's files so that they can be imported again.

Rules: a file is loaded under a private module name made from its path, so that two folders may have files of one name; its folder
joins `sys.path` behind the standard library, so that a file called `email.py` hides nothing; what a load imported of the user's own
is tagged and forgotten by the next load; a load that fails leaves `sys.modules` and `sys.path` as they were.
"""

import contextlib
import importlib
import linecache
import re
import sys
import sysconfig
from collections.abc import Iterator
from hashlib import blake2b
from importlib.util import decode_source, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from conductor_local.functions.files import is_user_file

_TAG = "__conductor_loaded__"
_PRIVATE = re.compile(r"^_conductor_[0-9a-f]{8}_")


@contextlib.contextmanager
def importing() -> Iterator[None]:
    """Import user code afresh inside the block; undo all of it when the block raises."""
    modules, path = dict(sys.modules), list(sys.path)
    _forget(name for name, module in modules.items() if _is_tagged(module))
    importlib.invalidate_caches()
    try:
        yield
    except BaseException:
        for name in _fresh(modules):
            del sys.modules[name]
        sys.modules.update({name: module for name, module in modules.items() if _is_tagged(module)})
        sys.path[:] = path
        raise


@contextlib.contextmanager
def _tagging() -> Iterator[None]:
    modules = dict(sys.modules)
    yield
    for name in _fresh(modules):
        setattr(sys.modules[name], _TAG, True)


def load_file(path: Path) -> ModuleType:
    """Run a file as a module of its own; raises whatever the file raises."""
    source = decode_source(path.read_bytes())
    code = compile(source, str(path), "exec", dont_inherit=True)
    spec = spec_from_file_location(_private_name(path), path)
    assert spec is not None
    module = module_from_spec(spec)
    # A traceback shows the lines that run, also after the file has changed: an entry without a time is never checked again.
    linecache.cache[str(path)] = (len(source), None, source.splitlines(keepends=True), str(path))
    with _tagging():
        sys.modules[spec.name] = module
        exec(code, module.__dict__)  # noqa: S102 - running the user's file is the purpose
    return module


def load_named(name: str) -> ModuleType:
    """Import a dotted module by its own name; raises whatever it raises."""
    with _tagging():
        return importlib.import_module(name)


def reach(folder: Path) -> None:
    """Let files in `folder` import one another by plain name, rather than another folder's files of the same name."""
    text = str(folder)
    sys.path[:] = [entry for entry in sys.path if entry != text]
    sys.path.insert(_behind_standard_library(), text)
    _forget(name for name, module in list(sys.modules.items()) if _is_tagged(module) and _hides(folder, name, module))


def plain_name(module: str) -> str:
    """Return the module name that a person would use."""
    return _PRIVATE.sub("", module)


def _private_name(path: Path) -> str:
    return f"_conductor_{blake2b(str(path).encode(), digest_size=4).hexdigest()}_{path.stem}"


def _behind_standard_library() -> int:
    library = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}
    places = [index for index, entry in enumerate(sys.path) if entry in library or entry.endswith("lib-dynload")]
    return max(places, default=-1) + 1


def _hides(folder: Path, name: str, module: ModuleType) -> bool:
    if _PRIVATE.match(name) or Path(_file(module)).is_relative_to(folder):
        return False
    top = name.partition(".")[0]
    return (folder / f"{top}.py").exists() or (folder / top).is_dir()


def _forget(names: Iterator[str]) -> None:
    for name in list(names):
        module = sys.modules.pop(name)
        # Bytecode is checked by the second and the size; an edit within one second must be seen too.
        with contextlib.suppress(OSError, TypeError):
            Path(getattr(module, "__cached__", "")).unlink()


def _fresh(modules: dict[str, ModuleType]) -> list[str]:
    """Return the names of the user's modules that are not the ones in `modules`."""
    return [name for name, module in list(sys.modules.items()) if modules.get(name) is not module and _is_user_module(module)]


def _is_tagged(module: ModuleType) -> bool:
    return _TAG in getattr(module, "__dict__", {})


def _is_user_module(module: ModuleType) -> bool:
    file = _file(module)
    return bool(file) and is_user_file(file)


def _file(module: ModuleType) -> str:
    variables = getattr(module, "__dict__", {})
    file = variables.get("__file__")
    if isinstance(file, str):
        return file
    return str(next(iter(variables.get("__path__") or ()), ""))
