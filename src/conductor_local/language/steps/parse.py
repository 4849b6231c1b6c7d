"""A definition in the steps language to a `Program`: the fields of the whole, then its body."""

from collections.abc import Container

from conductor_local.language.problems import Problems
from conductor_local.language.steps.bodies import BODY_FIELDS, read_body
from conductor_local.language.steps.fields import Context, Fields
from conductor_local.language.steps.records import Records
from conductor_local.language.steps.values import POSITIVE_SECONDS
from conductor_local.payload import Json
from conductor_local.program import Limits, Program

FIELDS = ("id", "name", "description", *BODY_FIELDS, "timeoutSeconds", "strictPaths")


def read_definition(document: Json, problems: Problems, functions: Container[str] | None, limits: Limits) -> Program:
    """Read a whole definition. What comes back is sound only when `problems` has no errors."""
    records = Records()
    strict = document.get("strictPaths") is True
    fields = Fields(document, "", "the workflow", Context(problems, records, functions, strict_paths=strict))
    fields.refuse_others(FIELDS)
    fields.require("name")
    fields.text("id")
    fields.word("name")
    fields.boolean("strictPaths")
    if document.get("description") is not None:
        fields.text("description")
    timeout_s = fields.number("timeoutSeconds", POSITIVE_SECONDS)
    body = read_body(fields, 0)
    records.note_unknown(problems)
    return Program(body=records.added_to(body), timeout_s=None if timeout_s is None else float(timeout_s), limits=limits)
