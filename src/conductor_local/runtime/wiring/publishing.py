"""What goes out to AWS-compatible services: logs and changes of status, each where an endpoint for its service is set."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from conductor_local.functions.aws_endpoints import Endpoints
from conductor_local.functions.aws_sending import Sender
from conductor_local.runtime.chronicle import Chronicle
from conductor_local.runtime.news import MakeNews, News, Send
from conductor_local.runtime.ports import EventSink
from conductor_local.runtime.settings import Settings
from conductor_local.sinks.cloudwatch import CloudWatchSink
from conductor_local.sinks.eventbridge import EventBridgeSink

_SINKS: Sequence[tuple[tuple[str, ...], Callable[[News, Send], EventSink]]] = (
    (("logs", "cloudwatchlogs", "cloudwatch logs"), CloudWatchSink),
    (("events", "eventbridge"), EventBridgeSink),
)
"""The names of a service, the one that the client has first, and what carries to it."""


@dataclass(frozen=True, slots=True)
class Publishing:
    """The sinks, and what they send with."""

    sinks: Sequence[EventSink]
    senders: Sequence[Sender]

    def close(self) -> None:
        """Let go; what was not sent comes again."""
        for sender in self.senders:
            sender.close()


def publishing_of(settings: Settings, chronicle: Chronicle, make_news: MakeNews | None) -> Publishing:
    """Return what publishes; nothing where no endpoint is set or nobody can tell the news."""
    endpoints, sinks, senders = Endpoints(settings.aws_endpoints, os.environ), list[EventSink](), list[Sender]()
    for names, make_sink in _SINKS:
        url = endpoints.url(names)
        if url is not None and make_news is not None:
            senders.append(Sender(names[0], url, os.environ))
            sinks.append(make_sink(make_news(chronicle), senders[-1]))
    return Publishing(sinks, senders)
