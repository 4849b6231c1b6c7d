"""What stands between the network and the routes: who is asked, who asks, and with what right. An ASGI app around an ASGI app.

Rules: a request for another host's name is refused (a page elsewhere could have pointed its name at this machine); a page of
another origin may change nothing; no CORS header is ever sent, so it cannot read either; with a token set, everything but
`/healthz` and the console's own page and files needs it. No route is looked up before these have passed.

Clients of AWS's show the token as their access key id, for they send no bearer tokens; nobody checks their signatures. They may put
`sync-` before the host's name, as the service model says, and may take the server for their proxy (a whole URL as the target).
"""

from hmac import compare_digest
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from conductor_local.api.aws.credentials import ALGORITHM, credentials
from conductor_local.api.console import OPEN_PREFIX
from conductor_local.api.problems import Refusal, encoded_refusal
from conductor_local.runtime.settings import Settings

PATH_BYTES_MAX = 8_192
"""Longer paths name nothing here, and the router would keep them in its cache."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OPEN_PATHS = frozenset({"/", "/healthz"})


class Shield:
    """Refuses before routing."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._hosts = {"localhost", "127.0.0.1", "::1", settings.host.lower(), *map(str.lower, settings.allowed_hosts)}
        self._any_address = not settings.is_loopback and _is_wildcard(settings.host)
        self._token = settings.token.encode() if settings.token else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer with a problem."""
        if scope["type"] == ScopeType.HTTP:
            _strip_authority(scope)
        if scope["type"] == ScopeType.HTTP and (refusal := self._refusal(scope)):
            body, headers = encoded_refusal(refusal)
            await send({"type": "http.response.start", "status": int(refusal.status), "headers": headers})
            await send({"type": "http.response.body", "body": body, "more_body": False})
            return
        await self._app(scope, receive, send)

    def _refusal(self, scope: HTTPScope) -> Refusal | None:
        """Decide. Repeated headers are each looked at."""
        host = ""
        token_seen = False
        origins: list[bytes] = []
        for name, value in scope["headers"]:
            if name == b"host":
                host = value.decode("latin-1").lower()
                if not self._is_ours(host):
                    return _wrong_host(host)
            elif name == b"origin":
                origins.append(value)
            elif name == b"authorization" and self._token is not None:
                token_seen = compare_digest(_shown_token(value), self._token)
        if scope["method"] not in SAFE_METHODS and any(not _is_own(origin, host) for origin in origins):
            return _wrong_origin()
        if self._token is not None and not token_seen and not _is_open(scope):
            return _no_token()
        if len(scope.get("raw_path") or b"") > PATH_BYTES_MAX:
            return Refusal(HTTPStatus.REQUEST_URI_TOO_LONG, f"The path is longer than {PATH_BYTES_MAX} bytes.")
        return None

    def _is_ours(self, host: str) -> bool:
        name = _without_port(host).removeprefix("sync-")
        # Someone else's page can give this machine another name, but not another address.
        return name in self._hosts or (self._any_address and _is_address(name))


def _strip_authority(scope: HTTPScope) -> None:
    """Make a path of a target that is a whole URL, as clients send it to a proxy. uvicorn does it with httptools, not with h11."""
    if scope["path"].startswith(("http://", "https://")):
        path = urlsplit((scope.get("raw_path") or b"").decode("latin-1")).path or "/"
        scope["path"], scope["raw_path"] = unquote(path), path.encode("latin-1")


def _is_open(scope: HTTPScope) -> bool:
    """Whether anyone may read this: whether the process lives, and the console's own files, which hold nothing of the user's."""
    path = scope["path"]
    return scope["method"] in SAFE_METHODS and (path in _OPEN_PATHS or path.startswith(OPEN_PREFIX))


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].rstrip(".")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_wildcard(host: str) -> bool:
    return _is_address(host) and ip_address(host).is_unspecified


def _is_own(origin: bytes, host: str) -> bool:
    scheme, _, authority = origin.decode("latin-1").lower().partition("://")
    return scheme in ("http", "https") and bool(host) and authority == host


def _shown_token(value: bytes) -> bytes:
    scheme, _, token = value.partition(b" ")
    if scheme == ALGORITHM:
        found = credentials(value)
        return b"" if found is None else found.key.encode("latin-1")
    return token.strip() if scheme.lower() == b"bearer" else b""


def _wrong_host(host: str) -> Refusal:
    detail = (
        f"This server does not answer for the host {host[:255]!r}. Use the address it was started with, or start it with "
        "CONDUCTOR_ALLOWED_HOSTS naming this host."
    )
    return Refusal(HTTPStatus.MISDIRECTED_REQUEST, detail)


def _wrong_origin() -> Refusal:
    return Refusal(HTTPStatus.FORBIDDEN, "A page of another origin may not change anything here.")


def _no_token() -> Refusal:
    detail = (
        "This server wants a token: send the header Authorization: Bearer <token>, with the token of CONDUCTOR_TOKEN. Clients of "
        "AWS's show it as their access key id: AWS_ACCESS_KEY_ID=<token>, with any secret."
    )
    return Refusal(HTTPStatus.UNAUTHORIZED, detail, headers={"www-authenticate": 'Bearer realm="conductor"'})
