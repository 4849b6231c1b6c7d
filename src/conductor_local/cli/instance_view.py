"""One instance as people see it: what it is, how it stands, each step it took."""

from datetime import datetime

import click

from conductor_local.cli.progress import abbreviate, gain, seconds_text
from conductor_local.cli.tables import say_fields, say_table
from conductor_local.cli.terminal import plain, say, status_text
from conductor_local.masking import mask
from conductor_local.payload import Json

_STEP_HEADINGS = ("step", "function", "status", "took", "attempts", "gave")
_VALUE_LENGTH = 100


def say_instance(instance: dict[str, Json]) -> None:
    """Print an instance with its steps; secrets are masked."""
    fields = [
        ("instance", instance["instanceId"]),
        ("definition", f"{plain(instance['workflowDefinitionName'])} ({instance['workflowDefinitionId']})"),
        ("status", status_text(instance["status"])),
        ("step", instance.get("currentStepId") or ""),
        ("started", instance["startedAt"]),
        ("ended", _ended(instance)),
        ("redrives", str(instance.get("redrives") or "")),
        ("suspended", plain(instance.get("suspended") or "")),
        ("error", plain(instance.get("error") or "")),
    ]
    say_fields([(name, value) for name, value in fields if value])
    say()
    if history := instance.get("history"):
        say_table(_STEP_HEADINGS, [_step_row(record) for record in history], empty="")
        say()
    _say_payload(instance.get("currentPayload"))


def _say_payload(payload: Json) -> None:
    """Print a line for each field; `-o json` has everything."""
    if not isinstance(payload, dict) or not payload:
        say_fields([("payload", abbreviate(payload, _VALUE_LENGTH))])
        return
    say(click.style("PAYLOAD", bold=True))
    masked = mask(payload)
    say_fields([(plain(name), abbreviate(masked[name], _VALUE_LENGTH)) for name in payload])


def elapsed_text(started_at: str, ended_at: str | None) -> str:
    """Say how long something took; empty when it has not ended."""
    if not ended_at:
        return ""
    return seconds_text((datetime.fromisoformat(ended_at) - datetime.fromisoformat(started_at)).total_seconds())


def _ended(instance: dict[str, Json]) -> str:
    ended_at = instance.get("endedAt")
    return f"{ended_at} (took {elapsed_text(instance['startedAt'], ended_at)})" if ended_at else ""


def _step_row(record: dict[str, Json]) -> tuple[str, ...]:
    place = "".join(f"{part}/" for part in record.get("path") or ())
    gave = plain(record.get("error") or gain(record.get("input"), record.get("output"), _VALUE_LENGTH))
    took = elapsed_text(record["startedAt"], record.get("endedAt"))
    return (place + record["stepId"], record.get("functionName") or "", record["status"], took, str(record["attempts"]), gave)
