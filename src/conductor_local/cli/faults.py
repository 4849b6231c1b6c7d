"""What a person sees when something goes wrong, and the one table from errors to exit codes."""

import sys
import traceback

import click

from conductor_local import errors
from conductor_local.cli import exits
from conductor_local.cli.problems import BadDefinition, show_problems
from conductor_local.cli.terminal import say

EXIT_CODES: dict[type[BaseException], int] = {
    errors.DefinitionError: exits.USAGE,
    errors.InvalidRequest: exits.USAGE,
    errors.SettingsError: exits.USAGE,
    errors.NotFound: exits.NOT_FOUND,
    errors.Conflict: exits.CONFLICT,
    errors.Unavailable: exits.UNAVAILABLE,
    errors.Fenced: exits.UNAVAILABLE,
    errors.EvaluationError: exits.FAILED,
    errors.Bug: exits.BUG,
    click.Abort: exits.CANCELLED,
    click.ClickException: exits.USAGE,
}

_NOT_JSON = ("query/", "header/")  # such a place is named in the message


def exit_code_of(fault: BaseException) -> int:
    """Look the error's nearest family up; what is in no family is our bug."""
    return next((EXIT_CODES[family] for family in type(fault).__mro__ if family in EXIT_CODES), exits.BUG)


def present(fault: Exception, *, with_traceback: bool) -> int:
    """Print the error for people on stderr and return the exit code."""
    code = exit_code_of(fault)
    if isinstance(fault, click.Abort):
        return code
    if with_traceback:
        traceback.print_exception(fault, file=sys.stderr)
    if isinstance(fault, click.ClickException):
        fault.show()
    elif isinstance(fault, errors.DefinitionError):
        show_problems(fault.problems, file=_file_of(fault), text=_text_of(fault), err=True)
    elif code == exits.BUG:
        _complain(f"{type(fault).__name__}: {fault}")
        say("This is a bug in Conductor." + ("" if with_traceback else " CONDUCTOR_TRACEBACK=1 shows where."), err=True)
    else:
        _complain(_located(fault))
    return code


def _complain(message: str) -> None:
    say(click.style("error: ", fg="red", bold=True) + message, err=True)


def _located(fault: Exception) -> str:
    pointer = fault.pointer if isinstance(fault, errors.InvalidRequest) else ""
    return f"{fault} (at {pointer})" if pointer and pointer not in str(fault) and not pointer.startswith(_NOT_JSON) else str(fault)


def _file_of(fault: errors.DefinitionError) -> str:
    return fault.file if isinstance(fault, BadDefinition) else "definition"


def _text_of(fault: errors.DefinitionError) -> str:
    return fault.text if isinstance(fault, BadDefinition) else ""
