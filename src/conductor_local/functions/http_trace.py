"""An HTTP request and its response as AWS's TestState shows them (API reference, `InspectionData`).

Header lines stand in one text, `[name: value, name: value]`; the body is text, and absent when it is empty.
"""

import httpx

from conductor_local.functions.aws_wording import Fields

_OF_THE_TRANSPORT = frozenset({"host", "content-length"})


def request_shown(request: httpx.Request) -> Fields:
    """Show a request; headers that the transport adds are left out."""
    own = [(name, value) for name, value in _pairs(request.headers) if name.lower() not in _OF_THE_TRANSPORT]
    shown = {"protocol": request.url.scheme, "method": request.method, "url": str(request.url), "headers": _text(own)}
    return {**shown, **_body(request.content)}


def response_shown(protocol: str, response: httpx.Response, body: bytes) -> Fields:
    """Show a response whose body was read."""
    shown = {"protocol": protocol, "statusCode": str(response.status_code), "statusMessage": response.reason_phrase}
    return {**shown, "headers": _text(_pairs(response.headers)), **_body(body)}


def _pairs(headers: httpx.Headers) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers.raw]


def _text(pairs: list[tuple[str, str]]) -> str:
    return f"[{', '.join(f'{name}: {value}' for name, value in pairs)}]"


def _body(content: bytes) -> Fields:
    return {"body": content.decode(errors="replace")} if content else {}
