"""`conductor env`."""

import click

from conductor_local.cli import exits
from conductor_local.cli.aws_environment import SHELLS, aws_variables, shell_here
from conductor_local.cli.lesson import lesson
from conductor_local.cli.options import JSON, output_option, server_options
from conductor_local.cli.terminal import say, say_json

_EXAMPLES = (
    'eval "$(conductor env)"                    # bash, zsh, sh',
    "conductor env --shell fish | source",
    "conductor env --shell powershell | Out-String | Invoke-Expression",
    "conductor env -o json",
)


@click.command(epilog=lesson(*_EXAMPLES, ends=(exits.DONE, exits.USAGE)))
@click.option("--shell", type=click.Choice(list(SHELLS)), help="Whose syntax to write.  [default: the shell in $SHELL]")
@server_options
@output_option
def env(shell: str | None, url: str | None, token: str | None, output: str) -> None:
    """Print what AWS's tools need in their environment to talk to the server.

    Step Functions goes to the server, with the region and, where there are no credentials, names that stand for some. Nothing is
    asked of the server: it need not run yet. Afterwards boto3, the AWS CLI and Terraform work in this shell as they are.
    """
    told = aws_variables(url, token)
    if output == JSON:
        say_json(told)
        return
    line = SHELLS[shell or shell_here()]
    for name, value in told.items():
        say(line(name, value))
