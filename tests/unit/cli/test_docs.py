"""The documentation of the command line says what there is."""

from pathlib import Path

import click
import pytest

from conductor_local.cli import exits

from .test_main import COMMANDS, Told

DOCS = (Path(__file__).parents[3] / "docs" / "cli.md").read_text()


@pytest.mark.parametrize("told", COMMANDS, ids=lambda told: told.path)
def test_every_command_is_documented(told: Told) -> None:
    words = told.path.split()
    assert f"conductor {words[1]}" in DOCS
    assert f"`{words[-1]}`" in DOCS or told.path in DOCS


@pytest.mark.parametrize("told", COMMANDS, ids=lambda told: told.path)
def test_every_option_is_documented(told: Told) -> None:
    options = [parameter.opts[0] for parameter in told.command.params if isinstance(parameter, click.Option)]
    assert [option for option in options if f"`{option}" not in DOCS and f" {option} " not in DOCS and option != "-o"] == []


def test_every_exit_code_is_documented() -> None:
    documented = DOCS.replace("`", "")
    assert [code for code, meaning in exits.MEANINGS.items() if f"| {code} | {meaning} |" not in documented] == []
