"""Payload templates of a state: compiled by `language/expr`, their problems told in AWS's words and place.

A text that looks like a path, under a key that does not end with `.$`, stays a text; AWS warns of it, with these codes.
"""

from collections.abc import Iterator

from conductor_local.language.asl.diagnostics import Place
from conductor_local.language.asl.fields import Fields
from conductor_local.language.expr import Context, Read, compile_template
from conductor_local.payload import Json

NO_DOLLAR, STATIC_RESULT = "NO_DOLLAR", "PASS_RESULT_IS_STATIC"
_LIKE_A_PATH = ("$.", "$$.", "$[", "States.")


def template_of(fields: Fields, name: str, context: Context) -> Read:
    """Compile the template in a field. AWS reports what is wrong at the field itself; the pointer is exact."""
    place, diagnostics = fields.at(name), fields.reading.diagnostics

    def refuse(pointer: str, text: str, reason: str) -> None:
        diagnostics.error(place, text, hint=reason, caret=Place(place.pointer + pointer))

    for caret, key in _lookalikes(fields.value[name], place, name):
        text = f"The field '{key}' looks like a path but is a plain text; '{key}.$' would read it"
        diagnostics.warning(place, NO_DOLLAR, text, caret=caret)
    return compile_template(fields.value[name], context, refuse)


def warn_of_static(fields: Fields, name: str) -> None:
    """Warn of texts in a Result that look like paths: nothing in it is ever evaluated."""
    for caret, _ in _lookalikes(fields.value[name], fields.at(name), name):
        text = "A Result is static; this path is never read. Parameters would read it"
        fields.reading.diagnostics.warning(fields.at(name), STATIC_RESULT, text, caret=caret)


def _lookalikes(value: Json, place: Place, key: str) -> Iterator[tuple[Place, str]]:
    """Give place and key of every text that looks like a path."""
    if isinstance(value, dict):
        for name, item in value.items():
            if not name.endswith(".$"):
                yield from _lookalikes(item, place.member(name), name)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if not isinstance(item, str):
                yield from _lookalikes(item, place.item(index), key)
    elif isinstance(value, str) and value.startswith(_LIKE_A_PATH):
        yield place, key
