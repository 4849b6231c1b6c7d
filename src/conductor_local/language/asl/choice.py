"""The Choice state (ASL spec, "Choice State"; reference sheet 9).

Rules: the first rule that holds wins; And and Or stop at the first condition that settles them; a path that finds nothing fails
the execution unless it is asked `IsPresent`. Without a Default a last rule fails as AWS does when no rule holds.
"""

from collections.abc import Mapping

from conductor_local.language.asl.dataflow import PathSlots
from conductor_local.language.asl.fields import Fields
from conductor_local.language.asl.modes import refuse_by_mode
from conductor_local.language.asl.state import State
from conductor_local.language.comparison import COMPARISONS, Comparison
from conductor_local.language.conditions import IS, Condition, all_of, any_of, negated
from conductor_local.language.expr import failure, maybe
from conductor_local.language.problems import did_you_mean
from conductor_local.payload import Json
from conductor_local.program import Choice, Expr, Rule, Scope

NO_MATCH = "Failed to transition out of the state. The state does not point to a next state."
"""AWS, measured 2025; the documentation calls it States.NoChoiceMatched."""

_RULE = {"Next": "B", "Comment": "B", "Assign": "B", "Output": "A", "Condition": "A"}
_TESTS = dict.fromkeys(("Variable", "And", "Or", "Not", *COMPARISONS), "P")
_COMBINATIONS = ("And", "Or", "Not")
_INNER = (*_TESTS, "Comment")


def read_choice(state: State) -> Choice:
    """Read a Choice state."""
    fields, slots = state.fields, state.slots
    fields.require("Choices")
    output = slots.output()
    rules = [_rule(state, item, f"Choices[{index}]", output) for index, item in enumerate(fields.objects("Choices"))]
    default = fields.text("Default")
    if default is None:
        rules.append(Rule(condition=_no_match, next=""))
    return Choice(
        name=state.name, title=state.name, rules=tuple(rules), default=default,
        arguments=slots.arguments(), output=output, assign=slots.assign(),
    )  # fmt: skip


def _no_match(scope: Scope) -> bool:
    raise failure(scope, NO_MATCH)


def _rule(state: State, fields: Fields, path: str, output: Expr | None) -> Rule:
    refuse_by_mode(fields, _RULE | _TESTS, state.language)
    slots = state.slots
    if isinstance(slots, PathSlots):
        fields.require("Next")
        condition = _condition(slots, fields)
    else:
        fields.text("Comment")
        fields.require("Condition", "Next")
        condition, output = slots.condition(fields, f"{path}/Condition"), slots.output(fields, f"{path}/Output")
    return Rule(
        condition=condition, next=fields.text("Next") or "", output=output, assign=slots.assign(fields, f"{path}/Assign")
    )  # fmt: skip


def _condition(slots: PathSlots, fields: Fields) -> Condition:
    """Read one condition; it has either one of And, Or, Not, or a Variable with one comparison."""
    fields.text("Comment")
    combinations = [name for name in _COMBINATIONS if name in fields]
    if not combinations:
        return _comparison(slots, fields)
    name = combinations[0]
    others = [other for other in fields.value if other in _TESTS and other != name]
    if others:
        fields.error_here(f"There should only be one of the following fields: [{', '.join((name, *others))}]", caret=others[0])
    if name == "Not":
        inner = fields.object("Not")
        return _unread if inner is None else negated(_inner(slots, inner))
    conditions = [_inner(slots, item) for item in fields.objects(name)]
    return all_of(conditions) if name == "And" else any_of(conditions)


def _inner(slots: PathSlots, fields: Fields) -> Condition:
    fields.refuse_others(_INNER)
    return _condition(slots, fields)


def _comparison(slots: PathSlots, fields: Fields) -> Condition:
    operators = [name for name in fields.value if name in COMPARISONS]
    has_variable = fields.require("Variable")
    if len(operators) != 1:
        unknown = next((name for name in fields.value if name not in (*_INNER, "Next", "Assign", "Output", "Condition")), "")
        _note_operators(fields, operators, unknown)
        return _unread
    variable = slots.variable(fields, "Variable") if has_variable else None
    if variable is None:
        return _unread
    comparison = COMPARISONS[operators[0]]
    test = comparison.test
    if comparison.name == "IsPresent":
        wanted = _literal(fields, comparison)
        find, effective = maybe(variable, slots.context), slots.effective_input
        return lambda scope: test(find(effective(scope), scope), wanted)
    left = slots.compared(variable)
    if not comparison.is_path:
        operand = _literal(fields, comparison)
        return lambda scope: test(left(scope), operand)
    path = slots.variable(fields, comparison.name)
    if path is None:
        return _unread
    right = slots.compared(path)
    return lambda scope: test(left(scope), right(scope))


def _note_operators(fields: Fields, operators: list[str], unknown: str) -> None:
    if operators:
        fields.error_here(f"There should only be one of the following fields: [{', '.join(operators)}]", caret=operators[1])
    else:
        fields.error_here("A comparison operator is required", hint=did_you_mean(unknown, COMPARISONS) if unknown else "")


def _literal(fields: Fields, comparison: Comparison) -> Json:
    operand = fields.value[comparison.name]
    if not IS[comparison.operand](operand):
        fields.error(comparison.name, _WRONG[comparison.operand])
    return operand


_WRONG: Mapping[str, str] = {
    "boolean": "Expected value of type Boolean",
    "number": "Expected value of type Number",
    "string": "Expected value of type String",
    "timestamp": "String does not match RFC3339 timestamp",
}


def _unread(_scope: Scope) -> bool:
    """Stand in for a condition that could not be read; the problem has been noted, so it never decides anything."""
    return False
