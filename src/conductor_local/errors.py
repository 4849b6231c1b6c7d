"""Every exception Conductor raises, and how they are related.

    ConductorError
    ├── DefinitionError      a workflow document is wrong; carries every problem found
    ├── InvalidRequest       what the caller sent cannot be acted on
    ├── NotFound             no definition, instance or function of that name
    ├── Conflict             the request contradicts what is already there
    ├── Fenced               another owner took over the partition; give up quietly
    ├── Unavailable          a store, disk or broker cannot answer now
    ├── SettingsError        a setting, flag or environment variable is wrong
    ├── EvaluationError      an expression of a workflow failed; the engine turns it into a Failure
    └── Bug                  Conductor broke its own rule; the execution is parked, never failed

A failing *workflow* is not an exception: it is a `program.Failure` value. The docstring of a class is its default message.
"""

from collections.abc import Sequence

import msgspec


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing wrong with a definition.

    `pointer` is the RFC 6901 JSON pointer of the place; `code` is stable and upper-case, for programs; `line` and `column`
    count from 1 and are 0 when the definition did not come as text; `hint` says what to do, such as "did you mean 'send'?".
    """

    pointer: str
    code: str
    message: str
    hint: str = ""
    line: int = 0
    column: int = 0
    severity: str = "error"


class ConductorError(Exception):
    """Something went wrong in Conductor."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").partition("\n")[0])

    @property
    def message(self) -> str:
        """The text for people."""
        return str(self.args[0])


class DefinitionError(ConductorError):
    """The workflow definition is not valid."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        more = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        super().__init__(f"{first.message} at {first.pointer or '/'}{more}")


class InvalidRequest(ConductorError):
    """The request is not valid."""

    def __init__(self, message: str = "", *, pointer: str = "", code: str = "INVALID_REQUEST") -> None:
        super().__init__(message)
        self.pointer = pointer
        self.code = code


class NotFound(ConductorError):
    """There is nothing of that name."""


class Conflict(ConductorError):
    """The request contradicts what is already there."""


class Fenced(ConductorError):
    """Another process owns this partition now."""


class Unavailable(ConductorError):
    """A part that Conductor needs cannot answer now; try again."""


class SettingsError(ConductorError):
    """A setting is wrong."""


class EvaluationError(ConductorError):
    """An expression of the workflow could not be evaluated.

    `error` is the name a `retry` or `catch` matches, `message` the cause for people. With a `location`, the place of the expression
    within its node ("" for the node as a whole), the history shows the evaluation itself as failed; None: it does not.
    """

    def __init__(self, error: str, message: str, *, location: str | None = None) -> None:
        super().__init__(message)
        self.error = error
        self.location = location


class Bug(ConductorError):
    """Conductor broke one of its own rules; please report this."""
