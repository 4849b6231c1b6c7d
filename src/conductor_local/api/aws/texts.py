"""JSON as AWS prints it.

A value that came in as text and passed through unchanged keeps its text, blanks included, also inside the list that a Parallel
makes of it; a value that a state made is printed compactly, keys in the order they were made, non-ASCII characters and slashes
as they are, numbers as `1`, `1.0`, `0.1` (observed 2023-2025). Both is what a `Payload` holds, so nothing is printed anew here.
"""

from conductor_local.payload import Json, Payload
from conductor_local.program import Failure

ERROR_CHARS_MAX = 256
CAUSE_CHARS_MAX = 32_768


def text(payload: Payload) -> str:
    """Return the JSON text of a payload."""
    return payload.encoded.decode()


def with_details(name: str, payload: Payload) -> dict[str, Json]:
    """Return the member `name` of a history event and the `…Details` that always go with it."""
    return {name: text(payload), f"{name}Details": {"truncated": False}}


def error_and_cause(failure: Failure | None) -> dict[str, Json]:
    """Return `error` and `cause`, each only when it was given; AWS cuts both at its quota."""
    if failure is None:
        return {}
    error = {} if failure.error is None else {"error": failure.error[:ERROR_CHARS_MAX]}
    return error if failure.cause is None else {**error, "cause": failure.cause[:CAUSE_CHARS_MAX]}
