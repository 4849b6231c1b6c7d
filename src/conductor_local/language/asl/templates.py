"""Payload templates of a state: compiled by `language/expr`, their problems told in AWS's words and place."""

from conductor_local.language.asl.diagnostics import Place
from conductor_local.language.asl.fields import Fields
from conductor_local.language.expr import Context, Read, compile_template


def template_of(fields: Fields, name: str, context: Context) -> Read:
    """Compile the template in a field. AWS reports what is wrong at the field itself; the pointer is exact."""
    place, diagnostics = fields.at(name), fields.reading.diagnostics

    def refuse(pointer: str, text: str, reason: str) -> None:
        diagnostics.error(place, text, hint=reason, caret=Place(place.pointer + pointer))

    return compile_template(fields.value[name], context, refuse)
