"""`/workflows/logs`: what machines with a logging configuration log of their executions, as pages of JSON or as a live stream.

Nothing is written for it: records are told from the commits in the store (`api/aws/log.py`), the same that go to CloudWatch Logs. A
page is cut by commits read, so one may be empty and not the last: the last is the one whose `cursor` is the one asked with.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from litestar import Response, get
from litestar.params import QueryParameter
from litestar.response import Stream

from conductor_local.api import sse
from conductor_local.api.aws.log import ExecutionLog
from conductor_local.api.aws.log_records import is_logged
from conductor_local.api.deps import HttpRequest, deps_of, json_answer, service_of
from conductor_local.api.rest import queries
from conductor_local.api.rest.answers import answers
from conductor_local.api.rest.wire import FeedPage
from conductor_local.errors import InvalidRequest
from conductor_local.runtime.logged import Level, LogRecord
from conductor_local.runtime.ports import Published

_LEVELS: dict[str, Level] = {"ALL": "ALL", "ERROR": "ERROR", "FATAL": "FATAL"}
_Definition = Annotated[
    str | None, QueryParameter(name="definition", max_length=255, description="Only of this definition, by id or name.")
]
_Execution = Annotated[
    str | None, QueryParameter(name="execution", max_length=512, description="Only of this execution: its ARN, or its instance id.")
]
_LevelName = Annotated[
    str, QueryParameter(name="level", max_length=10, description="Only what is logged at this level: `ALL`, `ERROR` or `FATAL`.")
]
_Since = Annotated[
    str | None, QueryParameter(name="since", max_length=40, description="Only events of this time or later (RFC 3339).")
]


@get(
    "/workflows/logs",
    summary="Read or follow the logs of executions",
    operation_id="logs",
    tags=["Events"],
    responses=answers(200, FeedPage, "Log records in commit order; pass `cursor` on until it stays the same", 400, 503),
)
async def logs(
    request: HttpRequest,
    cursor: queries.FeedCursor = None,
    limit: queries.EventLimit = 500,
    follow: queries.Follow = None,
    definition: _Definition = None,
    execution: _Execution = None,
    level: _LevelName = "ALL",
    since: _Since = None,
) -> Response[bytes] | Stream:
    """Return what is logged, from the beginning. A stream begins now, or where `cursor` or `Last-Event-ID` say."""
    queries.refuse_unknown(request, "cursor", "limit", "follow", "definition", "execution", "level", "since")
    service = service_of(request)
    reader = _Reader(ExecutionLog(service.chronicle), definition, execution, _level(level), queries.instant("since", since))
    if queries.switch("follow", follow) or sse.MEDIA_TYPE in request.headers.get("accept", ""):
        commits_ahead = service.feed.follow(request.headers.get("last-event-id") or cursor)
        return sse.stream(_messages(commits_ahead, reader), deps_of(request.app).streams)
    commits, behind = await service.feed.page(cursor, limit)
    items = [record.fields for commit in commits for record in await reader.wanted(commit)]
    return json_answer(FeedPage(items=items, cursor=behind))


HANDLERS = (logs,)


class _Reader:
    """Reads what passes the filters; None: that filter lets everything through."""

    def __init__(
        self, log: ExecutionLog, definition: str | None, execution: str | None, level: Level, since: datetime | None
    ) -> None:
        self._log, self._definition, self._execution, self._level, self._since = log, definition, execution, level, since

    async def wanted(self, commit: Published) -> list[LogRecord]:
        name = commit.definition_name  # elsewhere than at home it begins with the region and the account
        if self._definition not in (None, commit.definition_id, name, name.rpartition(":")[2]):
            return []
        return [record for record in await self._log.records(commit) if self._is_wanted(commit, record)]

    def _is_wanted(self, commit: Published, record: LogRecord) -> bool:
        return (
            self._execution in (None, commit.execution_id, record.fields["execution_arn"])
            and is_logged(record.fields["type"], self._level)
            and (self._since is None or record.at >= self._since)
        )


async def _messages(commits: AsyncIterator[tuple[Published, str]], reader: _Reader) -> AsyncIterator[bytes]:
    async for commit, cursor in commits:
        if records := [record.fields for record in await reader.wanted(commit)]:
            *before, last = records
            unnumbered = [sse.message(fields, type=fields["type"]) for fields in before]
            yield b"".join([*unnumbered, sse.message(last, type=last["type"], id=cursor)])


def _level(name: str) -> Level:
    if name.upper() not in _LEVELS:
        message = f"level: {name!r} is not a level; there are: {', '.join(_LEVELS)}."
        raise InvalidRequest(message, pointer="query/level", code="INVALID_PARAMETER")
    return _LEVELS[name.upper()]
