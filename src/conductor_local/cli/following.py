"""Follows one instance on a server to its end, showing what happens on the way."""

from collections.abc import Iterator
from urllib.parse import quote

from conductor_local.cli import exits
from conductor_local.cli.client import Client
from conductor_local.cli.progress import open_progress
from conductor_local.cli.stream import ServerEvent, follow
from conductor_local.payload import Json


def instance_path(instance_id: str, *rest: str) -> str:
    """Write the path of an instance, or of something of it."""
    return "/".join(("/workflows/instances", quote(instance_id, safe=""), *rest))


def follow_instance(client: Client, instance_id: str, after: int = 0) -> Iterator[ServerEvent]:
    """Yield the instance's lifecycle events behind `after` until it has ended."""

    def has_ended() -> bool:
        return client.get(instance_path(instance_id))["status"] in exits.OF_STATUS

    return follow(client, instance_path(instance_id, "events"), {"after": after} if after else None, is_over=has_ended)


def show_to_end(client: Client, instance_id: str, *, err: bool) -> None:
    """Show progress until the instance has ended."""
    progress = open_progress(err=err)
    try:
        for event in follow_instance(client, instance_id):
            progress.show(event.body)
    finally:
        progress.close()


def end_of(client: Client, instance_id: str) -> dict[str, Json]:
    """Return the instance once it has ended."""
    instance: dict[str, Json] = client.get(instance_path(instance_id))
    while instance["status"] not in exits.OF_STATUS:
        for _ in follow_instance(client, instance_id):
            pass
        instance = client.get(instance_path(instance_id))
    return instance
