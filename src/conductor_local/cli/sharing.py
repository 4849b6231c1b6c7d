"""Options of the commands that work on a store which others may share: where it is, who shares it, and how one leaves."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

_SHARING = (
    click.option("--redis-url", metavar="URL", help="The Redis that keeps the state.  [env: REDIS_URL, or REDIS_HOST …]"),
    click.option("--kafka-broker", metavar="HOST:PORT", help="Where events go, and processes share the work.  [env: KAFKA_BROKER]"),
    click.option("--kafka-group-id", metavar="NAME", help="The group of those that do.  [env: KAFKA_GROUP_ID]"),
    click.option(
        "--drain-s", type=int, metavar="SECONDS",
        help="How long running functions may go on when the process is asked to end.  [env: CONDUCTOR_DRAIN_S; default: 10]",
    ),
)  # fmt: skip


def sharing_options(command: Command) -> Command:
    """Add where the state is and who shares the work."""
    for option in reversed(_SHARING):
        command = option(command)
    return command


def wait_option(command: Command) -> Command:
    """Add `--wait`."""
    return click.option("--wait", is_flag=True, help="Wait for a Redis or Kafka that does not answer yet.")(command)
