"""Functions: the plain Python callables that workflow steps call.

A user's file imports `function` and `Context` from here and nothing else; those two are cheap. `Registry` and `load` bring in the
runtime and are imported on first use.
"""

from typing import TYPE_CHECKING, Any

from conductor_local.functions.context import Context
from conductor_local.functions.mark import function

if TYPE_CHECKING:
    from conductor_local.functions.discovery import load
    from conductor_local.functions.registry import Registry

__all__ = ["Context", "Registry", "function", "load"]


def __getattr__(name: str) -> Any:
    """Import `Registry` or `load` when somebody asks for it."""
    if name == "Registry":
        from conductor_local.functions.registry import Registry

        return Registry
    if name == "load":
        from conductor_local.functions.discovery import load

        return load
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
