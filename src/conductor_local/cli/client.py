"""Talks to a server over its REST API and turns its answers back into values and `ConductorError`s.

Rules: httpx is imported when the first client is made; a loopback address never goes through a proxy; no answer of the server
reaches a person as a bare status code.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from conductor_local import errors
from conductor_local.payload import Json

if TYPE_CHECKING:
    import httpx

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_CONNECT_S, _ANSWER_S = 5.0, 60.0
Parameters = Mapping[str, str | int | list[str]]


class Client:
    """One server. `transport` replaces the network in tests."""

    def __init__(self, url: str, token: str | None = None, *, transport: Any = None) -> None:
        import httpx

        self.url = checked_url(url)
        headers = {"accept": "application/json", **({"authorization": f"Bearer {token}"} if token else {})}
        self._http = httpx.Client(
            base_url=self.url,
            headers=headers,
            timeout=httpx.Timeout(_ANSWER_S, connect=_CONNECT_S),
            trust_env=urlsplit(self.url).hostname not in LOOPBACK,
            transport=transport,
        )

    def get(self, path: str, parameters: Parameters | None = None) -> Json:
        """Return the JSON of a resource."""
        return self._send("GET", path, parameters=parameters)

    def post(
        self, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None, parameters: Parameters | None = None
    ) -> Json:  # fmt: skip
        """Send a JSON text and return the answer."""
        return self._send("POST", path, parameters=parameters, body=body, headers=headers)

    def put(self, path: str, body: bytes) -> Json:
        """Send a JSON text and return the answer."""
        return self._send("PUT", path, body=body)

    def delete(self, path: str) -> None:
        """Delete a resource."""
        self._send("DELETE", path)

    @contextmanager
    def stream(
        self, path: str, parameters: Parameters | None = None, headers: Mapping[str, str] | None = None
    ) -> Iterator[Iterator[str]]:
        """Open a `text/event-stream` and give its lines. Raises `Unavailable` at once, or later when the connection breaks."""
        import httpx

        accept = {"accept": "text/event-stream", **(headers or {})}
        timeout = httpx.Timeout(_ANSWER_S, connect=_CONNECT_S, read=None)
        with (
            self._translated(),
            self._http.stream("GET", path, params=_clean(parameters), headers=accept, timeout=timeout) as answer,
        ):
            if answer.status_code >= 400:
                answer.read()
                raise fault_of(answer)
            yield answer.iter_lines()

    def _send(
        self,
        method: str,
        path: str,
        *,
        parameters: Parameters | None = None,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Json:
        content_type = {"content-type": "application/json"} if body else {}
        with self._translated():
            answer = self._http.request(
                method, path, params=_clean(parameters), content=body or None, headers={**content_type, **(headers or {})}
            )
        if answer.status_code >= 400:
            raise fault_of(answer)
        return _json_of(answer) if answer.content else None

    @contextmanager
    def _translated(self) -> Iterator[None]:
        import httpx

        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout) as fault:
            raise errors.Unavailable(f"No Conductor server at {self.url}. Start one with: conductor dev") from fault
        except (httpx.TransportError, httpx.InvalidURL) as fault:
            raise errors.Unavailable(f"The connection to {self.url} broke: {fault or type(fault).__name__}") from fault


def fault_of(answer: "httpx.Response") -> errors.ConductorError:
    """Turn an answer that is no success back into the error it came from."""
    problem = _problem_of(answer)
    return problem_fault({"status": answer.status_code, **problem}) if problem else _stranger(answer)


def problem_fault(problem: Mapping[str, Json]) -> errors.ConductorError:
    """Turn a problem document (RFC 9457) back into the error it came from."""
    status = problem.get("status")
    message = str(problem.get("detail") or problem.get("message") or problem.get("title") or f"The server answered {status}.")
    found = [_problem(item) for item in problem.get("errors") or () if isinstance(item, dict)]
    match status:
        case 401:
            return errors.InvalidRequest(
                "This server wants its token: pass it with --token or CONDUCTOR_TOKEN.", code="UNAUTHORIZED"
            )
        case 404:
            return errors.NotFound(message)
        case 409:
            return errors.Conflict(message)
        case 429 | 502 | 503 | 504:
            return errors.Unavailable(message)
        case int() if status < 500:
            return _refusal(message, found)
        case _:
            return errors.Bug(message)


def _refusal(message: str, found: Sequence[errors.Problem]) -> errors.ConductorError:
    """A request's own fault comes as the message again; only a definition's come as more."""
    if found and not (len(found) == 1 and found[0].message == message):
        return errors.DefinitionError(found)
    pointer = found[0].pointer if found else ""
    return errors.InvalidRequest(message, pointer=pointer)


def _problem_of(answer: "httpx.Response") -> dict[str, Json]:
    try:
        problem = msgspec.json.decode(answer.content)
    except msgspec.DecodeError:
        return {}
    return problem if isinstance(problem, dict) else {}


def _problem(item: dict[str, Json]) -> errors.Problem:
    known = {name: value for name, value in item.items() if name in errors.Problem.__struct_fields__}
    return msgspec.convert({"pointer": "", "code": "INVALID", "message": "", **known}, errors.Problem)


def _json_of(answer: "httpx.Response") -> Json:
    try:
        return msgspec.json.decode(answer.content)
    except msgspec.DecodeError:
        raise _stranger(answer) from None


def _stranger(answer: "httpx.Response") -> errors.Unavailable:
    return errors.Unavailable(f"What answers at {answer.url} is not a Conductor server. Check --url, CONDUCTOR_URL and PORT.")


def _clean(parameters: Parameters | None) -> dict[str, Any] | None:
    return {name: value for name, value in parameters.items() if value not in ("", [])} if parameters else None


def checked_url(url: str) -> str:
    whole = url if "://" in url else f"http://{url}"
    try:
        parts = urlsplit(whole)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise errors.InvalidRequest(f"{url!r} is not a server address such as http://127.0.0.1:3000", code="BAD_URL")
    return whole.rstrip("/")
