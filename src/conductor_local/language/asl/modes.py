"""Which fields an object may have, by query language: `B` both, `P` JSONPath only, `A` JSONata only (reference sheet 2)."""

from collections.abc import Mapping

from conductor_local.language.asl.fields import JSONATA, JSONPATH, Fields
from conductor_local.language.problems import did_you_mean

_ONLY = {"P": JSONPATH, "A": JSONATA}


def refuse_by_mode(fields: Fields, allowed: Mapping[str, str], language: str) -> None:
    """Note every field that is not there at all, or not in this query language."""
    for name in fields.value:
        mode = allowed.get(name)
        if mode is None:
            fields.refuse(name, did_you_mean(name, allowed))
        elif (only := _ONLY.get(mode)) is not None and only != language:
            # AWS's words and place, measured 2026-09.
            text = f"The QueryLanguage is set to '{language}', but field '{name}' is only supported for the '{only}' QueryLanguage"
            fields.error_here(text, caret=name)
