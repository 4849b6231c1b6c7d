"""What Redis says when it does not do what it was asked, and what that means for the request.

A refusal is certain: nothing was done. A broken connection is not: some of what was sent may have been done.
"""

from conductor_local.errors import Bug, ConductorError, SettingsError, Unavailable

MISSING, FORBIDDEN = "NOSCRIPT", "NOPERM"
_PASSING = {
    "LOADING": "is reading its data after a start",
    "READONLY": "is a read-only replica. Point the address at the primary",
    "MASTERDOWN": "is a replica that has lost its primary",
    "CLUSTERDOWN": "belongs to a cluster that is down",
    "TRYAGAIN": "is moving the data",
    "BUSY": "is running another client's script",
    "EXECABORT": "could not take a group of requests",
    "NOREPLICAS": "has too few replicas to accept writes. See `min-replicas-to-write`",
}
_LASTING = {
    "OOM": "has no memory left. Raise `maxmemory`, shorten the retention or remove data; nothing that was acknowledged is lost",
    "MISCONF": "cannot write to its disk and refuses changes. Make room there and see its log",
    "NOAUTH": "wants a password. Put it into the URL: redis://:PASSWORD@host",
    "WRONGPASS": "does not accept this user and password",
    FORBIDDEN: "does not let this user do what the store needs; docs/redis.md lists it",
    "MOVED": "is one node of a Redis Cluster, and other nodes have part of the keys. Use a Redis that is not a cluster",
    "CROSSSLOT": "is a Redis Cluster. Use a Redis that is not a cluster",
    "ASK": "is one node of a Redis Cluster. Use a Redis that is not a cluster",
}


class Refused(Exception):
    """Redis answered with an error; `code` is its first word."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code

    @property
    def passes(self) -> bool:
        """Whether the same request may be accepted in a moment."""
        return self.code in _PASSING

    def explain(self, place: str) -> ConductorError:
        """Turn it into what a person can act on."""
        meaning = _PASSING.get(self.code) or _LASTING.get(self.code)
        return Unavailable(f"{place} {meaning} ({self})") if meaning else Bug(f"{place} refuses a request: {self}")

    def forbid(self, place: str) -> ConductorError:
        """The same for one who is opening the store: what lasts is a wrong setting."""
        return SettingsError(f"{place} {_LASTING[self.code]} ({self})") if self.code in _LASTING else self.explain(place)


class Broken(Exception):
    """The connection could not be made, or ended before the answers came; `is_foreign`: what came was not Redis's protocol."""

    def __init__(self, cause: Exception, *, was_connected: bool, is_foreign: bool = False) -> None:
        super().__init__(str(cause) or ("no answer in time" if isinstance(cause, TimeoutError) else type(cause).__name__))
        self.was_connected = was_connected
        self.is_foreign = is_foreign

    def explain(self, place: str) -> ConductorError:
        """Turn it into what a person can act on."""
        if self.is_foreign:
            return SettingsError(f"what answers at {place} is not Redis ({self}). Check address and port.")
        if self.was_connected:
            return Unavailable(f"{place} did not answer ({self}): whether it did what it was asked last is not known yet.")
        return Unavailable(f"{place} cannot be reached ({self}). See whether it runs, and check address, port, TLS and firewall.")


def refusal(code: str | None, text: str) -> Refused:
    """Make sense of an error reply. Older servers wrap what a script met into a text of their own."""
    first = code or text.partition(" ")[0]
    known = (*_PASSING, *_LASTING, MISSING)
    if first not in known:
        first = next((each for each in known if f"-{each} " in text or f"{each} " in text), first)
    return Refused(first, text if text.startswith(first) or code is None else f"{first} {text}")
