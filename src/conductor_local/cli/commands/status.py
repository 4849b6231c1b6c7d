"""`conductor status`."""

from collections.abc import Sequence

import click

from conductor_local.cli.lesson import SERVER_EXITS, lesson
from conductor_local.cli.options import JSON, connect, output_option, server_options
from conductor_local.cli.tables import say_fields, say_table
from conductor_local.cli.terminal import say, say_json
from conductor_local.cli.work_bulletin import ranges
from conductor_local.payload import Json

_HEADINGS = ("process", "since", "state", "running", "backlog", "commits", "p50 ms", "p99 ms", "owns")


@click.command(
    epilog=lesson("conductor status", "conductor status -o json | jq '.partitions, .relayLag'", ends=SERVER_EXITS)
)  # fmt: skip
@server_options
@output_option
def status(url: str | None, token: str | None, output: str) -> None:
    """Show which processes work, who owns which partition, and what is behind."""
    found = connect(url, token).get("/workflows/status")
    if output == JSON:
        say_json(found)
        return
    partitions = found["partitions"]
    say_fields(
        [
            ("instances", _counted(found["instances"]) or "none"),
            ("partitions", f"{partitions['owned']} of {partitions['total']} owned{_without(partitions['unowned'])}"),
            ("running", f"{found['functionsRunning']} functions; {found['backlog']} messages wait to be committed"),
            ("events behind", _counted(found["relayLag"]) or "no sink"),
            ("store errors", str(found["storeErrors"])),
        ]
    )
    say()
    say_table(_HEADINGS, [_row(process) for process in found["processes"]], empty="No process works.")
    _warn(found)


def _warn(found: dict[str, Json]) -> None:
    """Tell what somebody should look at."""
    for name, places in found["functionsNotEverywhere"].items():
        say(click.style(f"! the function {name} is missing at {', '.join(places)}", fg="yellow"), err=True)
    for part, what in found["missing"].items():
        say(click.style(f"! {part}: {what}", fg="red"), err=True)


def _row(process: dict[str, Json]) -> tuple[str, ...]:
    owned = f"{len(process['partitions'])}: {ranges(process['partitions'])}" if process["partitions"] else "nothing"
    return (
        f"{process['host']}:{process['pid']}", process["startedAt"][:19], _state(process), str(process["functionsRunning"]),
        str(process["backlog"]), str(process["commits"]), str(process["commitMs"]["p50"]), str(process["commitMs"]["p99"]), owned,
    )  # fmt: skip


def _state(process: dict[str, Json]) -> str:
    if process["isGone"]:
        return click.style("gone", fg="red")
    if process["isDraining"]:
        return click.style("draining", fg="yellow")
    return "works" if process["works"] else "answers only"


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))


def _without(unowned: Sequence[int]) -> str:
    return f"; without an owner: {ranges(unowned)}" if unowned else ""
