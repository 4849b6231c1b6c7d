"""A definition as text, judged as `ValidateStateMachineDefinition` and `CreateStateMachine` judge it.

Rules: text that is no JSON is told in the words of AWS's parser, Jackson, as far as they were recorded; everything else is what
compiling finds.
"""

import re

from conductor_local.errors import DefinitionError, Problem
from conductor_local.language.asl.diagnostics import SCHEMA, Diagnostic, Diagnostics
from conductor_local.language.asl.identity import Identity
from conductor_local.language.asl.parse import read_machine
from conductor_local.language.positions import Lines, tokens
from conductor_local.language.source import read
from conductor_local.program import Limits

INVALID_JSON = "INVALID_JSON_DESCRIPTION"
NOT_AN_OBJECT = "Definition must be a valid JSON object"
_WANTED = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
_TOKEN = re.compile(r"[A-Za-z_$][\w$]*")
_WORDS = ("true", "false", "null")
_SHOWN_CHARS = 500
_BYTE_ORDER_MARK = "\ufeff"


def diagnose(text: str, identity: Identity | None = None) -> tuple[Diagnostic, ...]:
    """Return everything wrong with a definition, warnings among it; nothing: AWS would take it and this version runs it."""
    if not text.strip():
        return (_refusal(SCHEMA, NOT_AN_OBJECT, None),)
    if text.startswith(_BYTE_ORDER_MARK):
        return (_refusal(INVALID_JSON, "The definition begins with a byte order mark (U+FEFF); leave it out", None),)
    try:
        source = read(text)
    except DefinitionError as error:
        return tuple(_of_text(problem, text) for problem in error.problems)
    diagnostics = Diagnostics()
    read_machine(source.document, diagnostics, identity or Identity(), Limits())
    return diagnostics.told(source)


def _of_text(problem: Problem, text: str) -> Diagnostic:
    if problem.code == "NOT_AN_OBJECT":
        return _refusal(SCHEMA, NOT_AN_OBJECT, None, problem)
    line, column, message = problem.line, problem.column, problem.message
    if problem.code == "SYNTAX" and (found := _unknown_word(text)) is not None:
        offset, word = found
        line, column = Lines(text).at(offset + len(word))
        message = f"Unrecognized token '{word}': was expecting {_WANTED}"
    cut = f"[truncated {len(text) - _SHOWN_CHARS} chars]" if len(text) > _SHOWN_CHARS else ""
    location = f'[Source: (String)"{text[:_SHOWN_CHARS]}"{cut}; line: {line}, column: {column}]'
    return _refusal(INVALID_JSON, f"{message}\n at {location}", location, problem)


def _unknown_word(text: str) -> tuple[int, str] | None:
    """Return offset and text of the first word that JSON does not have."""
    for offset, word in tokens(text):
        found = _TOKEN.match(word)
        if found is not None and found[0] not in _WORDS:
            return offset, found[0]
    return None


def _refusal(code: str, message: str, location: str | None, problem: Problem | None = None) -> Diagnostic:
    line, column = (0, 0) if problem is None else (problem.line, problem.column)
    return Diagnostic(pointer="", code=code, message=message, location=location, line=line, column=column)
