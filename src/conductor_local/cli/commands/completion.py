"""`conductor completion`."""

import click
from click.shell_completion import get_completion_class

from conductor_local.cli import exits
from conductor_local.cli.lesson import lesson
from conductor_local.cli.terminal import say

_EXAMPLES = (
    'eval "$(conductor completion bash)"   # in ~/.bashrc',
    'eval "$(conductor completion zsh)"    # in ~/.zshrc',
    "conductor completion fish > ~/.config/fish/completions/conductor.fish",
)


@click.command(epilog=lesson(*_EXAMPLES, ends=(exits.DONE, exits.USAGE)))
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that completes commands in your shell."""
    kind = get_completion_class(shell)
    assert kind is not None, "click knows the shells of the choice"
    say(kind(context.find_root().command, {}, "conductor", "_CONDUCTOR_COMPLETE").source())
