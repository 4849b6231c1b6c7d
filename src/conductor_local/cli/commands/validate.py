"""`conductor validate`."""

from collections.abc import Sequence

import click
import msgspec

from conductor_local.cli import exits
from conductor_local.cli.lesson import lesson
from conductor_local.cli.options import JSON, output_option
from conductor_local.cli.payloads import STDIN, display_name, read_text
from conductor_local.cli.problems import BadDefinition, show_problems
from conductor_local.cli.sources import check, definition_files
from conductor_local.cli.terminal import say, say_json
from conductor_local.errors import Problem

_EXAMPLES = (
    "conductor validate signup.json",
    "conductor validate workflows/ -o json",
    "jq .definition dump.json | conductor validate -",
)


@click.command(epilog=lesson(*_EXAMPLES, ends=(exits.DONE, exits.USAGE)))
@click.argument("files", nargs=-1, required=True, metavar="FILE|FOLDER|-...")
@output_option
def validate(files: tuple[str, ...], output: str) -> int:
    """Check definition files and point at what is wrong."""
    names = [name for file in files for name in _expanded(file)]
    texts = [(name, read_text(name)) for name in names]
    results = [(display_name(name), text, _problems(name, text)) for name, text in texts]
    invalid = sum(any(problem.severity == "error" for problem in problems) for _, _, problems in results)
    if output == JSON:
        say_json([{"file": file, **msgspec.to_builtins(problem)} for file, _, problems in results for problem in problems])
    else:
        for file, text, problems in results:
            show_problems(problems, file=file, text=text)
        say(_verdict(len(results), invalid))
    return exits.USAGE if invalid else exits.DONE


def _expanded(file: str) -> Sequence[str]:
    return [STDIN] if file == STDIN else [str(found) for found in definition_files([file])]


def _problems(name: str, text: str) -> Sequence[Problem]:
    try:
        return check(name, text)
    except BadDefinition as fault:
        return fault.problems


def _verdict(count: int, invalid: int) -> str:
    valid = count - invalid
    told = click.style(f"{valid} {'file' if valid == 1 else 'files'} valid", fg="green" if valid else None)
    return told if not invalid else f"{told}, " + click.style(f"{invalid} invalid", fg="red", bold=True)
