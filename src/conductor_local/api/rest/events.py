"""`/workflows/instances/{id}/events` and `/workflows/events`: what happened, as pages of JSON or as a live stream.

A stream of one instance is numbered by `seq` and ends with the instance. The feed of all instances is numbered by commit: only the
last message of a commit has an id, so that a reader who comes back in the middle of one gets it whole again.
"""

from collections.abc import AsyncIterator

from litestar import Response, get
from litestar.response import Stream

from conductor_local.api import sse
from conductor_local.api.deps import HttpRequest, deps_of, json_answer, service_of
from conductor_local.api.rest import queries
from conductor_local.api.rest.answers import answers
from conductor_local.api.rest.executions import InstanceId
from conductor_local.api.rest.wire import Document, EventPage, FeedPage, View, documents, engine_view, lifecycle_view
from conductor_local.engine.events import AnyEvent
from conductor_local.errors import InvalidRequest
from conductor_local.runtime.ports import Published
from conductor_local.runtime.views import Instance

_TAGS = ["Events"]
_VIEWS: dict[str, View] = {"lifecycle": lifecycle_view, "engine": engine_view}


@get(
    "/workflows/instances/{instance_id:str}/events",
    summary="Read or follow the events of an instance",
    operation_id="instanceEvents",
    tags=_TAGS,
    responses=answers(200, EventPage, "Events in order; pass `after` on to read what came later", 400, 404, 503),
)
async def instance_events(
    request: HttpRequest,
    instance_id: InstanceId,
    after: queries.After = 0,
    limit: queries.EventLimit = 1_000,
    follow: queries.Follow = None,
    view: queries.ViewName = "lifecycle",
) -> Response[bytes] | Stream:
    """Return what happened to an instance. As a stream it goes on until the instance has ended; `Last-Event-ID` resumes."""
    queries.refuse_unknown(request, "after", "limit", "follow", "view")
    show, service = _view(view), service_of(request)
    instance = await service.summary(instance_id)
    subject = _subject(instance)
    if not _wants_stream(request, follow):
        events = await service.events(instance_id, after=after, limit=limit)
        return json_answer(EventPage(items=documents(subject, events, show), after=events[-1].seq if events else after))
    resumed = _last_event_id(request)
    position = after if resumed is None else resumed
    if resumed is not None and instance.has_ended and not await service.events(instance_id, after=position, limit=1):
        return Response(b"", status_code=204)  # tells an EventSource that there is nothing to come back for
    messages = _instance_messages(service.follow(instance_id, after=position), subject, show)
    return sse.stream(messages, deps_of(request.app).streams)


@get(
    "/workflows/events",
    summary="Read or follow the events of all instances",
    operation_id="allEvents",
    tags=_TAGS,
    responses=answers(200, FeedPage, "Events in commit order; pass `cursor` on to read what came later", 400, 503),
)
async def all_events(
    request: HttpRequest,
    cursor: queries.FeedCursor = None,
    limit: queries.EventLimit = 500,
    follow: queries.Follow = None,
    view: queries.ViewName = "lifecycle",
) -> Response[bytes] | Stream:
    """Return what happened to all instances, from the beginning. A stream begins now, or where `cursor` or `Last-Event-ID` say."""
    queries.refuse_unknown(request, "cursor", "limit", "follow", "view")
    show, service = _view(view), service_of(request)
    if _wants_stream(request, follow):
        commits_ahead = service.feed.follow(request.headers.get("last-event-id") or cursor)
        return sse.stream(_feed_messages(commits_ahead, show), deps_of(request.app).streams)
    commits, behind = await service.feed.page(cursor, limit)
    items = [document for commit in commits for document in documents(commit, commit.events, show)]
    return json_answer(FeedPage(items=items, cursor=behind))


HANDLERS = (instance_events, all_events)


async def _instance_messages(events: AsyncIterator[AnyEvent], subject: Published, show: View) -> AsyncIterator[bytes]:
    async for event in events:
        if (document := show(subject, event)) is not None:
            yield sse.message(document, type=document["type"], id=str(event.seq))


async def _feed_messages(commits: AsyncIterator[tuple[Published, str]], show: View) -> AsyncIterator[bytes]:
    async for commit, cursor in commits:
        if shown := documents(commit, commit.events, show):
            yield b"".join([*map(_unnumbered, shown[:-1]), sse.message(shown[-1], type=shown[-1]["type"], id=cursor)])


def _unnumbered(document: Document) -> bytes:
    return sse.message(document, type=document["type"])


def _subject(instance: Instance) -> Published:
    return Published(
        cursor=0,
        execution_id=instance.instance_id,
        definition_id=instance.workflow_definition_id,
        definition_name=instance.workflow_definition_name,
        events=(),
    )


def _view(name: str) -> View:
    if name not in _VIEWS:
        message = f"view: {name!r} is not a view; there are: {', '.join(_VIEWS)}."
        raise InvalidRequest(message, pointer="query/view", code="INVALID_PARAMETER")
    return _VIEWS[name]


def _wants_stream(request: HttpRequest, follow: str | None) -> bool:
    return queries.switch("follow", follow) or sse.MEDIA_TYPE in request.headers.get("accept", "")


def _last_event_id(request: HttpRequest) -> int | None:
    text = request.headers.get("last-event-id")
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 16 or int(text) > queries.POSITION_MAX:
        message = "Last-Event-ID must be an id that this stream gave."
        raise InvalidRequest(message, pointer="header/Last-Event-ID", code="INVALID_HEADER")
    return int(text)
