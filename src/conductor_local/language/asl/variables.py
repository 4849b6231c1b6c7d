"""The names that an `Assign` gives (reference sheet 7)."""

from conductor_local.language.asl.fields import Fields

NAME_CHARS_MAX = 80
RESERVED = "states"


def check_names(fields: Fields) -> None:
    """Note every name in the `Assign` of a state, rule or Catcher that no variable may have."""
    for key in fields.value["Assign"]:
        name = key.removesuffix(".$")
        if name == RESERVED:
            _refuse(fields, key, f"Variable name '{name}' is reserved")
        elif not name.isidentifier():
            _refuse(fields, key, f"Variable name '{name}' is not a valid identifier")
        elif len(name) > NAME_CHARS_MAX:
            _refuse(fields, key, f"Variable name '{name}' exceeds {NAME_CHARS_MAX} characters")


def _refuse(fields: Fields, key: str, text: str) -> None:
    place = fields.at("Assign")
    fields.reading.diagnostics.error(place, text, caret=place.member(key))
