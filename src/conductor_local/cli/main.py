"""The `conductor` command: finds the subcommand, runs it, and turns whatever happens into an exit code.

Rules: importing this module imports click and nothing heavy; no traceback reaches a person who did not ask for one.
"""

import os
import sys
from collections.abc import Sequence

import click

from conductor_local.cli import exits
from conductor_local.cli.lazy import Entry, LazyGroup

_COMMANDS = "conductor_local.cli.commands"
ENTRIES = {
    "demo": Entry(f"{_COMMANDS}.demo:demo", "Start a server, run two workflows on it and show every step."),
    "dev": Entry(f"{_COMMANDS}.dev:dev", "Run the server and reload definitions and functions as you edit them."),
    "serve": Entry(f"{_COMMANDS}.dev:serve", "Run the server without watching files."),
    "worker": Entry(f"{_COMMANDS}.worker:worker", "Work on instances beside other processes, without answering requests."),
    "run": Entry(f"{_COMMANDS}.run:run", "Run one definition from a file, without a server."),
    "validate": Entry(f"{_COMMANDS}.validate:validate", "Check definition files and point at what is wrong."),
    "definitions": Entry(f"{_COMMANDS}.definitions:definitions", "List, show, create, update and delete definitions."),
    "trigger": Entry(f"{_COMMANDS}.trigger:trigger", "Start an instance of a definition."),
    "instances": Entry(f"{_COMMANDS}.instances:instances", "List, show, watch, cancel, redrive and delete instances."),
    "events": Entry(f"{_COMMANDS}.events:events", "Show what happened, of one instance or of all."),
    "logs": Entry(f"{_COMMANDS}.logs:logs", "Show what state machines with a logging configuration log of their executions."),
    "status": Entry(f"{_COMMANDS}.status:status", "Show which processes work, who owns which partition, and what is behind."),
    "functions": Entry(f"{_COMMANDS}.functions:functions", "List the functions the server can call."),
    "env": Entry(f"{_COMMANDS}.env:env", "Print what AWS's tools need in their environment to talk to the server."),
    "aws": Entry(f"{_COMMANDS}.aws:aws", "Run the AWS CLI with Step Functions at the server."),
    "version": Entry(f"{_COMMANDS}.version:version", "Show the version of Conductor."),
    "completion": Entry(f"{_COMMANDS}.completion:completion", "Print the script that completes commands in your shell."),
}
EPILOG = (
    "\b\nStart here:\n  $ conductor demo\n  $ conductor dev\n\n\b\nExit codes:\n"
    + "\n".join(f"  {code:<3} {meaning}" for code, meaning in exits.MEANINGS.items())
    + "\n\nThe server a command talks to: --url, or CONDUCTOR_URL, or this machine at PORT (3000)."
)


@click.group(cls=LazyGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--traceback", is_flag=True, help="Show where an unexpected error came from.  [env: CONDUCTOR_TRACEBACK]")
@click.version_option(package_name="conductor-local", message="conductor %(version)s")
def root(traceback: bool) -> None:
    """Define, run and watch workflows on your own machine."""


root.entries = ENTRIES


def execute(arguments: Sequence[str], transport: object = None) -> int:
    """Run one command line and return its exit code; `transport` replaces the network, for tests."""
    try:
        code = root.main(args=list(arguments), prog_name="conductor", standalone_mode=False, obj=transport)
    except Exception as fault:  # noqa: BLE001 - the outermost edge: everything becomes a message and a code
        from conductor_local.cli.faults import present

        wanted = "--traceback" in arguments or os.environ.get("CONDUCTOR_TRACEBACK", "") not in {"", "0"}
        return present(fault, with_traceback=wanted)
    return code if isinstance(code, int) else exits.DONE


def main() -> None:
    """Run the command line of this process and leave it."""
    sys.exit(execute(sys.argv[1:]))
