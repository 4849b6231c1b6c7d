"""Expressions of the Amazon States Language in JSONPath mode: paths, intrinsic functions, payload templates, the context object.

    context = Context(Machine(arn=…, name=…, role_arn=…))
    read = compile_template({"who.$": "$.name", "n.$": "States.MathAdd($.n, 1)"}, context, refuse)
    read(document, scope)                                  # document: what `$` stands for in that field

`jsonpath.py` parses, `walk.py` follows paths, `fields.py` says what a miss means where, `calls.py` and `intrinsics.py` are the
function calls, `library.py` the functions, `failures.py` the texts of AWS. All raise `EvaluationError` when run and
`ExpressionSyntaxError` when parsed, nothing else.
"""

from conductor_local.language.expr.context import Context, Machine
from conductor_local.language.expr.failures import failure
from conductor_local.language.expr.fields import (
    Read,
    choice_path,
    count_path,
    data_path,
    items_path,
    maybe,
    on_input,
    on_result,
    percentage_path,
    seconds_path,
    timestamp_path,
)
from conductor_local.language.expr.jsonpath import parse
from conductor_local.language.expr.path import Path, Root
from conductor_local.language.expr.result_path import Write, parse_result_path, writer
from conductor_local.language.expr.syntax import ExpressionSyntaxError
from conductor_local.language.expr.template import Refuse, compile_template, paths_in, read_text, read_value

__all__ = [
    "Context",
    "ExpressionSyntaxError",
    "Machine",
    "Path",
    "Read",
    "Refuse",
    "Root",
    "Write",
    "choice_path",
    "compile_template",
    "count_path",
    "data_path",
    "failure",
    "items_path",
    "maybe",
    "on_input",
    "on_result",
    "parse",
    "parse_result_path",
    "paths_in",
    "percentage_path",
    "read_text",
    "read_value",
    "seconds_path",
    "timestamp_path",
    "writer",
]
