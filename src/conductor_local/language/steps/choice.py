"""The `choice` step: conditions in the form of the States Language, in camelCase.

    {"variable": "$.total", "numericGreaterThan": 100}      {"and": [...]}      {"or": [...]}      {"not": {...}}

Rules: `and` and `or` stop at the first condition that settles them; a path that finds nothing fails the run (`States.Runtime`)
unless it is asked `isPresent`, so guard it: `{"and": [{"variable": "$.x", "isPresent": true}, ...]}`.
"""

from collections.abc import Callable, Mapping

from conductor_local.errors import EvaluationError
from conductor_local.language.absent import ABSENT
from conductor_local.language.comparison import COMPARISONS, Comparison
from conductor_local.language.conditions import IS, Condition, all_of, any_of, negated
from conductor_local.language.problems import did_you_mean, kind_of, quoted
from conductor_local.language.steps.fields import Fields, fields_of
from conductor_local.language.steps.paths import Lookup
from conductor_local.language.steps.step import Step
from conductor_local.payload import Json
from conductor_local.program import Choice, ErrorName, Rule, Scope

OPERATORS: Mapping[str, Comparison] = {name[0].lower() + name[1:]: one for name, one in COMPARISONS.items()}
"""Every comparison under its name in this language."""

_COMBINATIONS = ("and", "or", "not")
_WORDS: Mapping[str, str] = {
    "boolean": "true or false",
    "number": "a number",
    "string": "a text",
    "timestamp": "a time such as '2030-01-31T12:00:00Z'",
}


def read_choice(step: Step) -> Choice:
    """Read a `choice` step."""
    fields = step.fields
    fields.require("choices")
    rules = tuple(_rule(step.id, item) for item in fields.objects("choices"))
    return Choice(name=step.id, title=step.title, rules=rules, default=fields.word_or_null("defaultStepId"))


def _rule(step: str, fields: Fields) -> Rule:
    fields.refuse_others(("when", "nextStepId"))
    fields.require("when", "nextStepId")
    when = fields.object("when")
    condition = _unread() if when is None else read_condition(step, when)
    return Rule(condition=condition, next=fields.word("nextStepId") or "")


def read_condition(step: str, fields: Fields) -> Condition:
    """Read one condition; it has either one of `and`, `or`, `not`, or a `variable` with one comparison."""
    combinations = [name for name in _COMBINATIONS if name in fields]
    if not combinations:
        return _comparison(step, fields)
    name = combinations[0]
    if len(fields.value) > 1:
        fields.error_here("CONDITION", f"must have nothing beside {quoted(name)}")
    if name == "not":
        inner = fields.object("not")
        return _unread() if inner is None else negated(read_condition(step, inner))
    conditions = [_unread() if item is None else read_condition(step, item) for item in _items(fields, name)]
    return all_of(conditions) if name == "and" else any_of(conditions)


def _items(fields: Fields, name: str) -> list[Fields | None]:
    return [
        fields_of(item, pointer, f"{fields.what}, {name}[{index}]", fields.context)
        for index, (pointer, item) in enumerate(fields.items(name))
    ]


def _comparison(step: str, fields: Fields) -> Condition:
    operators = [name for name in fields.value if name != "variable"]
    unknown = [name for name in operators if name not in OPERATORS]
    for name in unknown:
        hint = did_you_mean(name, [*OPERATORS, *_COMBINATIONS, "variable"])
        fields.context.problems.error(fields.at(name), "UNKNOWN_OPERATOR", f"{fields.what} has no comparison {quoted(name)}", hint)
    fields.require("variable")
    if unknown:
        return _unread()
    if len(operators) != 1:
        fields.error_here("CONDITION", "needs exactly one comparison beside 'variable'", 'such as "stringEquals": "yes"')
        return _unread()
    find = fields.lookup("variable")
    return _unread() if find is None else _compared(step, fields, find, operators[0])


def _compared(step: str, fields: Fields, find: Lookup, name: str) -> Condition:
    comparison, path = OPERATORS[name], fields.value["variable"]
    test = comparison.test
    if comparison.name == "IsPresent":
        wanted = _literal(fields, name, comparison)
        return lambda scope: test(find(scope.input, scope), wanted)
    left = _required(step, path, find)
    if comparison.is_path:
        find_operand = fields.lookup(name)
        if find_operand is None:
            return _unread()
        right = _required(step, fields.value[name], find_operand)
        return lambda scope: test(left(scope), right(scope))
    operand = _literal(fields, name, comparison)
    return lambda scope: test(left(scope), operand)


def _required(step: str, path: str, find: Lookup) -> Callable[[Scope], Json]:
    message = f"step '{step}': the condition needs '{path}', which finds nothing; guard it with isPresent"

    def read(scope: Scope) -> Json:
        value = find(scope.input, scope)
        if value is ABSENT:
            raise EvaluationError(ErrorName.RUNTIME, message)
        return value

    return read


def _literal(fields: Fields, name: str, comparison: Comparison) -> Json:
    operand = fields.value[name]
    if not IS[comparison.operand](operand):
        found = "is not one" if isinstance(operand, str) and comparison.operand == "timestamp" else f"is {kind_of(operand)}"
        fields.error(name, "WRONG_TYPE", f"must be {_WORDS[comparison.operand]}, but {found}")
    return operand


def _unread() -> Condition:
    """Return a stand-in for a condition that could not be read; the problem has been noted, so it never decides anything."""
    return lambda scope: False
