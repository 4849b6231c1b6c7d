"""Where AWS services are called: only where the user said so, never at AWS by accident.

First what names the service, then what is for all: `service=URL` of the setting, `AWS_ENDPOINT_URL_<SERVICE>`, the setting's plain
URL, `AWS_ENDPOINT_URL`. A service answers to each of its names: EventBridge to `events` and `eventbridge`.
"""

from collections.abc import Mapping, Sequence

ALL = "AWS_ENDPOINT_URL"


class Endpoints:
    """`table` is the setting CONDUCTOR_AWS_ENDPOINTS, `environ` the environment."""

    def __init__(self, table: Sequence[str] = (), environ: Mapping[str, str] | None = None) -> None:
        named = (part.partition("=") for part in table if "=" in part.partition("://")[0])
        self._named = {service: url for service, _, url in named}
        self._for_all = next((part for part in table if "=" not in part.partition("://")[0]), None)
        self._environ = environ or {}

    def url(self, names: Sequence[str]) -> str | None:
        """Return the URL for a service that has these names, None when none is set."""
        own = [self._named.get(name) or self._environ.get(variable(name)) for name in names]
        return next((url for url in own if url), None) or self._for_all or self._environ.get(ALL) or None


def variable(name: str) -> str:
    """Return the environment variable for one service."""
    return f"{ALL}_{name.upper().replace('-', '_').replace(' ', '_')}"
