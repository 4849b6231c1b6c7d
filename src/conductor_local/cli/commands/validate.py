"""`conductor validate`."""

from collections.abc import Sequence

import click
import msgspec

from conductor_local.cli import exits
from conductor_local.cli.lesson import lesson
from conductor_local.cli.options import JSON, output_option
from conductor_local.cli.payloads import STDIN, display_name
from conductor_local.cli.problems import BadDefinition, show_problems
from conductor_local.cli.sources import DefinitionFile, definition_files
from conductor_local.cli.substitutions import Substitutions, read_substitutions, substitution_options
from conductor_local.cli.terminal import say, say_json
from conductor_local.errors import Problem

_EXAMPLES = (
    "conductor validate signup.json",
    "conductor validate workflows/ -o json",
    "conductor validate order.asl.json --substitute ChargeArn=arn:aws:lambda:eu-west-1:123456789012:function:charge",
    "jq .definition dump.json | conductor validate -",
)


@click.command(epilog=lesson(*_EXAMPLES, ends=(exits.DONE, exits.USAGE)))
@click.argument("files", nargs=-1, required=True, metavar="FILE|FOLDER|-...")
@substitution_options
@output_option
def validate(files: tuple[str, ...], substitute: tuple[str, ...], allow_unresolved: bool, output: str) -> int:
    """Check definition files and point at what is wrong."""
    substitutions = read_substitutions(substitute, allows_unresolved=allow_unresolved)
    names = [name for file in files for name in _expanded(file)]
    results = [(display_name(name), *_checked(name, substitutions)) for name in names]
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


def _checked(name: str, substitutions: Substitutions) -> tuple[str, Sequence[Problem]]:
    """Return the text of a file and its problems."""
    try:
        definition = DefinitionFile(name, substitutions)
        return definition.text, definition.check()
    except BadDefinition as fault:
        return fault.text, fault.problems


def _verdict(count: int, invalid: int) -> str:
    valid = count - invalid
    told = click.style(f"{valid} {'file' if valid == 1 else 'files'} valid", fg="green" if valid else None)
    return told if not invalid else f"{told}, " + click.style(f"{invalid} invalid", fg="red", bold=True)
