"""How values look inside texts: compact JSON, and the form Java gives maps and lists.

Rules: the JSON text is the one a payload is stored as (integers stay integers, `1.0` stays `1.0`, nothing but what must be is
escaped). In Java's form texts stand without quotes: `{Arg1=1, Arg2=[]}` (AWS: States.Format of an object, observed 2023-02).
"""

from datetime import UTC, datetime

from conductor_local.payload import Json, Payload


def json_text(value: Json) -> str:
    """Return the value as compact JSON."""
    return Payload(value).encoded.decode()


def java_text(value: Json) -> str:
    """Return the value as Java's `toString` shows it."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={java_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(java_text, value)) + "]"
    return json_text(value)


def java_class(value: Json) -> str:
    """Name the Java class that AWS's JSON library decodes a value to that is no object, as its messages show it."""
    match value:
        case None:
            return "null"
        case bool():
            return "java.lang.Boolean"
        case int():
            return "java.lang.Integer"
        case float():
            return "java.lang.Double"
        case str():
            return "java.lang.String"
        case _:
            return "java.util.ArrayList"


def time_text(time: datetime) -> str:
    """Return a time as AWS writes it: UTC, milliseconds, `Z`."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
