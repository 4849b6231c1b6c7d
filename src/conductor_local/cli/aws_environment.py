"""What AWS's tools have to be told to talk to a Conductor server: the variables, and how a shell is told them.

Rules: only Step Functions is sent to the server, other services go where they went before; credentials that are there stay, unless
the server wants a token, which AWS's tools send as the access key id.
"""

import os
import re
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from conductor_local.cli.client import LOOPBACK, checked_url
from conductor_local.cli.options import server_meant, variables

REGION = "us-east-1"
NOBODY = "conductor"
"""Access key id and secret where there are none: the server looks at neither."""
_CREDENTIALS = (
    "AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)  # fmt: skip
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


def aws_variables(url: str | None, token: str | None) -> dict[str, str]:
    """Return the variables for the server that the options, the environment or `.env` name. Raises `InvalidRequest`."""
    found = variables()
    server, token = server_meant(url, token)
    server, region = checked_url(server), found.get("AWS_DEFAULT_REGION", REGION)
    told = {
        "AWS_ENDPOINT_URL_SFN": server,
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
    }
    if token or not _has_credentials(os.environ):
        told |= {"AWS_ACCESS_KEY_ID": token or NOBODY, "AWS_SECRET_ACCESS_KEY": NOBODY}
    return told | _without_proxy(urlsplit(server).hostname or "", os.environ)


def _has_credentials(environ: Mapping[str, str]) -> bool:
    file = Path(environ.get("AWS_SHARED_CREDENTIALS_FILE") or Path.home() / ".aws" / "credentials")
    return any(environ.get(name) for name in _CREDENTIALS) or file.is_file()


def _without_proxy(host: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Keep a proxy away from a server on this machine; nothing to say where there is no proxy."""
    has_proxy = any(name.lower() in _PROXIES and value for name, value in environ.items())
    if not has_proxy or host not in LOOPBACK:
        return {}
    given = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    hosts = ",".join([*filter(None, given.split(",")), *([] if host in given.split(",") else [host])])
    return {"NO_PROXY": hosts, "no_proxy": hosts}


def _posix(name: str, value: str) -> str:
    return f"export {name}={shlex.quote(value)}"


def _fish(name: str, value: str) -> str:
    quoted = re.sub(r"(['\\])", r"\\\1", value)
    return f"set -gx {name} '{quoted}'"


def _powershell(name: str, value: str) -> str:
    quoted = value.replace("'", "''")
    return f"$Env:{name} = '{quoted}'"


SHELLS: Mapping[str, Callable[[str, str], str]] = {
    "bash": _posix, "zsh": _posix, "sh": _posix, "fish": _fish, "powershell": _powershell,
}  # fmt: skip
"""How each shell sets a variable for the programs it starts."""


def shell_here(environ: Mapping[str, str] = os.environ) -> str:
    """Name the shell of the person who asks; one that is not known is taken for a POSIX shell, or for Windows' own."""
    name = Path(environ.get("SHELL", "")).name
    return name if name in SHELLS else "powershell" if os.name == "nt" else "sh"
