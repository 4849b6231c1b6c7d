"""`conductor aws`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click

from conductor_local.cli import exits
from conductor_local.cli.aws_environment import aws_variables
from conductor_local.cli.lesson import lesson
from conductor_local.cli.options import server_options

_EXAMPLES = (
    "conductor aws stepfunctions list-state-machines",
    "conductor aws stepfunctions start-execution --state-machine-arn ARN --input '{\"n\": 1}'",
    "conductor aws --url http://127.0.0.1:3001 stepfunctions list-activities",
)
_MISSING = (
    "The AWS CLI is not installed: there is no program 'aws' on the PATH. Install it (https://aws.amazon.com/cli/, or "
    '`pip install awscli`), or use the tools you have after: eval "$(conductor env)"'
)
_PASSING = {"ignore_unknown_options": True, "allow_interspersed_args": False}


@click.command(context_settings=_PASSING, epilog=lesson(*_EXAMPLES, ends=(exits.USAGE,)))
@server_options
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="COMMAND…")
def aws(arguments: tuple[str, ...], url: str | None, token: str | None) -> int:
    """Run the AWS CLI with Step Functions at the server.

    Everything behind `aws` is passed on as it is; this command's own options come first. It ends with the exit code of the AWS CLI.
    """
    program = _program()
    if program is None:
        raise click.ClickException(_MISSING)
    ended = subprocess.run([program, *arguments], env={**os.environ, **aws_variables(url, token)}, check=False)  # noqa: S603 - the user's own words
    return ended.returncode


def _program() -> str | None:
    """Find the AWS CLI on the PATH, else beside the Python that runs this."""
    return shutil.which("aws") or shutil.which("aws", path=str(Path(sys.executable).parent))
