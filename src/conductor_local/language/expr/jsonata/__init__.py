"""JSONata as Step Functions has it: expressions, values that hold them, and what is wrong with either."""

from conductor_local.language.expr.jsonata.expression import AT_ENTRY, AT_EXIT, IN_CATCH, Expression, compile_expression
from conductor_local.language.expr.jsonata.failures import ExpressionProblem, ExpressionRefused, QueryEvaluationError
from conductor_local.language.expr.jsonata.values import Value, compile_value, is_expression, is_half_open

__all__ = [
    "AT_ENTRY",
    "AT_EXIT",
    "IN_CATCH",
    "Expression",
    "ExpressionProblem",
    "ExpressionRefused",
    "QueryEvaluationError",
    "Value",
    "compile_expression",
    "compile_value",
    "is_expression",
    "is_half_open",
]
