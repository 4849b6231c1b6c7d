"""The web console: the one page, and the files it loads. What they are built from lies in `console/`.

Rules: every address under `/console` is the same page, which finds its view by itself; a file's name has a hash of what is in it,
so a browser may keep it for good, and the page itself never; nothing is loaded from elsewhere and no script stands in the page,
which the Content-Security-Policy makes sure of. Without a build the page says how to make one.
"""

import gzip
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from litestar import Response, get
from litestar.params import PathParameter

import conductor_local
from conductor_local.api.deps import HttpRequest
from conductor_local.api.problems import Refusal

BUILD = Path(conductor_local.__file__).parent / "console_files"
"""Where the build puts `index.html` and `console-assets/`."""
OPEN_PREFIX = "/console"
"""What is served to anyone who may reach the server: the page asks for the token, so it must come without one."""
SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}
_FOREVER = "public, max-age=31536000, immutable"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_NO_BUILD = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Conductor</title>
<h1>The console has not been built</h1>
<p>This copy of Conductor runs from its sources, and the console is built from <code>console/</code> with Node 20 or newer:</p>
<pre>make console</pre>
<p>Then load this page again. The API is there without it: see <a href="/docs">/docs</a>.</p></html>
"""


@get(["/", "/console", "/console/{view:path}"], include_in_schema=False)
async def page() -> Response[bytes]:
    """Return the page, whichever view of it is asked for."""
    index = BUILD / "index.html"
    text = index.read_bytes() if index.is_file() else _NO_BUILD.encode()
    return Response(text, media_type="text/html", headers={**SECURITY_HEADERS, "cache-control": "no-cache"})


@get("/console-assets/{name:str}", include_in_schema=False)
async def asset(request: HttpRequest, name: Annotated[str, PathParameter(max_length=255)]) -> Response[bytes]:
    """Return a file that the page or one of its parts loads."""
    path = BUILD / "console-assets" / name
    if path.suffix not in _TYPES or name != path.name or not path.is_file():
        raise Refusal(HTTPStatus.NOT_FOUND, f"There is no file {name[:80]!r}; load the page again, it may have been rebuilt.")
    body, headers = _content(path, path.stat().st_mtime_ns), dict(_ASSET_HEADERS)
    if accepts_gzip(request.headers):
        body, headers["content-encoding"] = _compressed(path, path.stat().st_mtime_ns), "gzip"
    return Response(body, media_type=_TYPES[path.suffix], headers=headers)


HANDLERS = (page, asset)
_ASSET_HEADERS = {"cache-control": _FOREVER, "vary": "accept-encoding", "x-content-type-options": "nosniff"}


def accepts_gzip(headers: Mapping[str, str]) -> bool:
    """Tell whether the browser takes gzip; a weight of 0 means it does not."""
    for part in headers.get("accept-encoding", "").split(","):
        coding, _, weight = part.replace(" ", "").partition(";q=")
        if coding in ("gzip", "*"):
            return weight.rstrip("0.") != "" or not weight
    return False


@lru_cache(maxsize=64)
def _content(path: Path, changed_ns: int) -> bytes:
    return path.read_bytes()


@lru_cache(maxsize=64)
def _compressed(path: Path, changed_ns: int) -> bytes:
    return gzip.compress(_content(path, changed_ns), 9, mtime=0)
