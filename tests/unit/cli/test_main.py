"""The command itself: what it imports, how it teaches, what it ends with when something goes wrong."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import click
import pytest

from conductor_local import errors
from conductor_local.cli import exits
from conductor_local.cli.faults import exit_code_of, present
from conductor_local.cli.main import ENTRIES, execute, root

from .conftest import Conductor

HEAVY = {"litestar", "httpx", "rich", "asyncio", "msgspec", "uvicorn", "watchfiles"}


@dataclass(frozen=True)
class Told:
    path: str
    command: click.Command


def every_command(group: click.Group, path: str = "conductor") -> Iterator[Told]:
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command is not None
        if isinstance(command, click.Group):
            yield Told(f"{path} {name}", command)
            yield from every_command(command, f"{path} {name}")
        else:
            yield Told(f"{path} {name}", command)


COMMANDS = list(every_command(root))


def modules_after(code: str) -> set[str]:
    listing = f"{code}\nimport sys; print('\\n'.join(sys.modules))"
    return set(subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True).stdout.splitlines())


def test_importing_the_command_imports_nothing_heavy() -> None:
    assert not HEAVY & modules_after("import conductor_local.cli.main")


def test_the_help_imports_no_command() -> None:
    found = modules_after("from conductor_local.cli.main import execute; execute(['--help'])")
    assert not (HEAVY & found) | {name for name in found if name.startswith("conductor_local.cli.commands.")}


def test_a_command_imports_only_its_own_module() -> None:
    found = modules_after("from conductor_local.cli.main import execute; execute(['version'])")
    assert {name for name in found if name.startswith("conductor_local.cli.commands.")} == {"conductor_local.cli.commands.version"}
    assert not {"litestar", "httpx", "rich", "asyncio"} & found


@pytest.mark.parametrize("name", ENTRIES)
def test_the_list_of_commands_says_what_each_command_says_of_itself(name: str) -> None:
    command = root.get_command(click.Context(root), name)
    assert command is not None
    assert (command.help or "").partition("\n")[0] == ENTRIES[name].purpose


@pytest.mark.parametrize("told", COMMANDS, ids=lambda told: told.path)
def test_every_help_has_a_purpose_an_example_and_exit_codes(told: Told) -> None:
    assert (told.command.help or "").partition("\n")[0].endswith(".")
    epilog = told.command.epilog or ""
    assert sum(line.strip().startswith("$") and told.path in line for line in epilog.splitlines()) >= 2
    assert "Exit codes:" in epilog


@pytest.mark.parametrize("told", COMMANDS, ids=lambda told: told.path)
def test_every_option_is_explained(told: Told) -> None:
    options = [parameter for parameter in told.command.params if isinstance(parameter, click.Option)]
    assert [option.name for option in options if not option.help] == []


def test_every_family_of_errors_has_an_exit_code() -> None:
    families = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.ConductorError)]
    families.remove(errors.ConductorError)
    problem = errors.Problem(pointer="", code="X", message="x")
    made = {errors.DefinitionError: errors.DefinitionError([problem]), errors.EvaluationError: errors.EvaluationError("E", "m")}
    codes = {kind: exit_code_of(made.get(kind) or kind()) for kind in families}
    assert {kind for kind, code in codes.items() if code == exits.BUG} == {errors.Bug}


def test_an_unexpected_error_is_called_a_bug_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert present(KeyError("nowhere"), with_traceback=False) == exits.BUG
    shown = capsys.readouterr().err
    assert "This is a bug in Conductor" in shown
    assert "CONDUCTOR_TRACEBACK=1" in shown
    assert "Traceback" not in shown


def test_the_traceback_of_an_unexpected_error_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise KeyError("nowhere")
    except KeyError as fault:
        present(fault, with_traceback=True)
    assert "Traceback" in capsys.readouterr().err


def test_an_unknown_command_is_wrong_usage(conductor: Conductor) -> None:
    outcome = conductor("instanses")
    assert outcome.code == exits.USAGE
    assert "No such command 'instanses'" in outcome.err


def test_a_wrong_option_is_wrong_usage(conductor: Conductor) -> None:
    assert conductor("version", "--colour").code == exits.USAGE


def test_the_version_can_be_read_by_a_program(conductor: Conductor) -> None:
    import json

    assert json.loads(conductor("version", "-o", "json").out)["conductor"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_the_shell(conductor: Conductor, shell: str) -> None:
    outcome = conductor("completion", shell)
    assert outcome.code == exits.DONE
    assert "_CONDUCTOR_COMPLETE" in outcome.out


def test_execute_gives_zero_for_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["--help"]) == exits.DONE
    assert "conductor demo" in capsys.readouterr().out


def test_definition_and_payload_cannot_both_come_from_stdin(conductor: Conductor) -> None:
    assert conductor("run", "-", "-p", "-", stdin="{}").code == exits.USAGE
