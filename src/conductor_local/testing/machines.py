"""Random state machines in the Amazon States Language (JSONPath), and what they must give: an evaluator apart from the engine.

Rules: those of `programs.py`. Every state that is not the last of its body leaves `seed` and `items` in place, because what follows
reads them; the variable `kept` is assigned by the first state of the whole, and of what the items of a distributed Map run, so that
all others may read it.
"""

from collections.abc import Callable, Mapping
from random import Random

from conductor_local.functions.map_run.children import OVER
from conductor_local.payload import Json
from conductor_local.program import Failure
from conductor_local.testing.faults import answer
from conductor_local.testing.programs import DEPTH_MAX, RISKY, SAFE, Ended, Expected, Risk

LAMBDA = "arn:aws:lambda:us-east-1:000000000000:function:"
_PARAMETERS = {"seed.$": "$.seed", "items.$": "$.items", "kept.$": "$kept", "text.$": "States.Format('seed {}', $.seed)"}
Fields = dict[str, Json]


# --- making ---------------------------------------------------------------------------------------------------------


def draw_machine(random: Random, name: str) -> Fields:
    """Make a state machine, with its name."""
    drawing = _Drawing(random)
    rest = drawing.body(depth=0, risk=None, length=random.randrange(2, 8))
    keep = {"Type": "Pass", "Assign": {"kept.$": "$.seed"}, "Next": rest["StartAt"]}
    return {"name": name, "StartAt": "keep", "States": {"keep": keep, **rest["States"]}}


class _Drawing:
    """One machine being made; names of states count through all of its bodies."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._count = 0

    def body(self, *, depth: int, risk: Risk | None, length: int) -> Fields:
        """Make a chain of states; choices and catchers jump forward in it. `risk` None: any state may fail."""
        names = [self._name() for _ in range(length)]
        states = {name: self._state(name, names[place + 1 :], depth, risk) for place, name in enumerate(names)}
        return {"StartAt": names[0], "States": states}

    def _name(self) -> str:
        self._count += 1
        return f"S{self._count}"

    def _happens(self, share: float) -> bool:
        return self._random.random() < share

    def _state(self, name: str, later: list[str], depth: int, risk: Risk | None) -> Fields:
        onward: Fields = {"Next": later[0]} if later else {"End": True}
        kinds = (
            ["Task"] * 5 + ["Pass", "Wait"] + (["Choice"] * 2 if later else []) + (["Parallel", "Map"] if depth < DEPTH_MAX else [])
        )
        kind = self._random.choice(kinds if later or self._happens(0.8) else ["End"])
        match kind:
            case "Task":
                return {"Type": kind, **self._task(later, risk), **self._result(name, later), **onward}
            case "Pass":
                return {"Type": kind, **self._pass(depth), **self._result(name, later), **onward}
            case "Wait":
                return {"Type": kind, **self._random.choice([{"Seconds": 0}, {"Seconds": 3}, {"SecondsPath": "$.seed"}]), **onward}
            case "Choice":
                rule = {**self._rule(), "Next": self._random.choice(later[1:] or later)}
                return {"Type": kind, "Choices": [rule], "Default": later[0]}
            case "Parallel" | "Map":
                return {"Type": kind, **self._composite(kind, depth, risk, later), **self._result(name, later), **onward}
            case _:
                return self._end(risk)

    def _result(self, name: str, later: list[str]) -> Fields:
        """Say where the result goes: in the last state of a body it may also replace everything."""
        kept: Fields = {"ResultPath": f"$.{name}"}
        choices = [kept, kept, kept, {"ResultPath": None}]
        return self._random.choice(choices if later else [*choices, {}, {**kept, "OutputPath": f"$.{name}"}])

    def _task(self, later: list[str], risk: Risk | None) -> Fields:
        catch = self._catch(later)
        is_risky = self._happens(0.3) and (bool(catch) or risk is None or risk.take())
        function = self._random.choice(RISKY if is_risky else SAFE)
        fields: Fields = {"Resource": LAMBDA + function, **catch, **self._input()}
        if function == "hang":
            fields["TimeoutSeconds"] = self._random.choice([1, 5])
        if function in RISKY and self._happens(0.7):
            fields["Retry"] = [self._retrier(function)]
        if self._happens(0.2):
            fields["ResultSelector"] = {"all.$": "$", "fixed": [1, {"kept.$": "$kept"}]}
        return fields

    def _input(self) -> Fields:
        return self._random.choice([{}, {}, {"InputPath": "$.seed"}, {"InputPath": "$.items"}, {"Parameters": _PARAMETERS}])

    def _retrier(self, function: str) -> Fields:
        names = self._random.choice([["Flaky", "States.Timeout"], ["States.TaskFailed"], ["States.ALL"]])
        attempts = self._random.randrange(3) if function in ("hang", "broken") else self._random.randrange(4)
        return {"ErrorEquals": names, "MaxAttempts": attempts, "IntervalSeconds": self._random.choice([1, 2]), "BackoffRate": 2.0}

    def _catch(self, later: list[str]) -> Fields:
        if not later or not self._happens(0.3):
            return {}
        return {"Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.caught", "Next": self._random.choice(later)}]}

    def _pass(self, depth: int) -> Fields:
        counted = {"Assign": {"kept.$": "States.MathAdd($kept, 1)"}} if depth == 0 and self._happens(0.5) else {}
        return {**self._random.choice([{"Result": {"fixed": True}}, *[self._input()] * 3]), **counted}

    def _rule(self) -> Fields:
        low, high = sorted((self._random.randrange(100), self._random.randrange(100)))
        below: Fields = {"Variable": self._random.choice(["$.seed", "$kept"]), "NumericLessThan": high}
        above: Fields = {"Variable": "$.seed", "NumericGreaterThanEquals": low}
        return self._random.choice([below, {"Not": below}, {"And": [above, below]}, {"Or": [above, below]}])

    def _composite(self, kind: str, depth: int, risk: Risk | None, later: list[str]) -> Fields:
        shared = risk or Risk(self._random.randrange(2))
        count = self._random.randrange(1, 4) if kind == "Parallel" else 1
        bodies = [self.body(depth=depth + 1, risk=shared, length=self._random.randrange(1, 4)) for _ in range(count)]
        fields = self._catch(later)
        if self._happens(0.2):
            fields["Retry"] = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1, "IntervalSeconds": 1}]
        if kind == "Parallel":
            return {**fields, "Branches": bodies, **self._random.choice([{}, {"Parameters": _PARAMETERS}])}
        selected = {"seed.$": "$$.Map.Item.Index", "items.$": "$$.Map.Item.Value.items", "outer.$": "$.seed"}
        window = self._random.choice([{}, {"MaxConcurrency": 1}, {"MaxConcurrency": 2}])
        selector = self._random.choice([{}, {"ItemSelector": selected}])
        given = {**fields, "ItemsPath": "$.items", **window, **selector}
        return {**given, **(self._distributed(bodies[0]) if self._happens(0.3) else {"ItemProcessor": bodies[0]})}

    def _distributed(self, body: Fields) -> Fields:
        """Let each item have an execution of its own; nothing around it can be read there."""
        keep = self._name()
        states = {keep: {"Type": "Pass", "Assign": {"kept.$": "$.seed"}, "Next": body["StartAt"]}, **body["States"]}
        config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
        tolerance = self._random.choice([{}, {"ToleratedFailureCount": 1}])
        return {"ItemProcessor": {"ProcessorConfig": config, "StartAt": keep, "States": states}, "Label": f"L{keep}", **tolerance}

    def _end(self, risk: Risk | None) -> Fields:
        if self._happens(0.3) and (risk is None or risk.take()):
            return {"Type": "Fail", "Error": "Chosen", "Cause": "the workflow says so"}
        return {"Type": "Succeed"}


# --- evaluating ---------------------------------------------------------------------------------------------------------


def evaluate_machine(definition: Mapping[str, Json], payload: Json) -> Expected:
    """Work out how an execution must end."""
    try:
        return Expected(output=_body(definition, payload, {}))
    except Ended as ended:
        return Expected(failure=ended.failure)


def _body(body: Mapping[str, Json], payload: Json, variables: Fields) -> Json:
    variables = dict(variables)
    name: str | None = body["StartAt"]
    while name is not None:
        payload, name = _visit(body["States"][name], payload, variables)
    return payload


def _visit(state: Mapping[str, Json], payload: Json, variables: Fields) -> tuple[Json, str | None]:
    """Return the payload behind a state and the state to go on at."""
    match state["Type"]:
        case "Wait":
            return payload, state.get("Next")
        case "Succeed":
            return payload, None
        case "Fail":
            raise Ended(Failure(state["Error"], state["Cause"]))
        case "Choice":
            rule = state["Choices"][0]
            return payload, rule["Next"] if _holds(rule, payload, variables) else state["Default"]
        case "Pass":
            result = state["Result"] if "Result" in state else _given(state, payload, variables)
            if assigned := state.get("Assign"):
                variables["kept"] = payload["seed"] if assigned["kept.$"] == "$.seed" else variables["kept"] + 1
            return _written(payload, state, result), state.get("Next")
        case _:
            return _work(state, payload, variables, lambda: _done(state, payload, variables))


def _done(state: Mapping[str, Json], payload: Json, variables: Fields) -> Json:
    """Return the raw result of a Task, Parallel or Map."""
    given = _given(state, payload, variables)
    match state["Type"]:
        case "Task":
            return _attempts(state, given)
        case "Parallel":
            return [_body(branch, given, variables) for branch in state["Branches"]]
        case _ if "ProcessorConfig" in state["ItemProcessor"]:
            return _run_of_items(state, payload)
        case _:
            return [_body(state["ItemProcessor"], item, variables) for item in _items(state, payload)]


def _run_of_items(state: Mapping[str, Json], payload: Json) -> list[Json]:
    """Return what a distributed Map gives: the outputs of the items that did not fail, unless too many did."""
    outputs = []
    failed = 0
    for item in _items(state, payload):
        try:
            outputs.append(_body(state["ItemProcessor"], item, {}))
        except Ended:
            failed += 1
    if failed > state.get("ToleratedFailureCount", 0):
        raise Ended(OVER.failure)
    return outputs


def _items(state: Mapping[str, Json], payload: Json) -> list[Json]:
    items: list[Json] = payload["items"]
    if "ItemSelector" not in state:
        return items
    return [{"seed": index, "items": item["items"], "outer": payload["seed"]} for index, item in enumerate(items)]


def _work(state: Mapping[str, Json], payload: Json, variables: Fields, run: Callable[[], Json]) -> tuple[Json, str | None]:
    """Do what may fail and be caught. Trying a composite again changes nothing: it would fail in the same way."""
    try:
        result = run()
    except Ended as ended:
        if not state.get("Catch"):
            raise
        caught = {"Error": ended.failure.error, "Cause": ended.failure.cause}
        return {**payload, "caught": caught}, state["Catch"][0]["Next"]
    if "ResultSelector" in state:
        result = {"all": result, "fixed": [1, {"kept": variables["kept"]}]}
    return _written(payload, state, result), state.get("Next")


def _attempts(state: Mapping[str, Json], argument: Json) -> Json:
    """Call a function until it answers or no retry is left."""
    retrier: Json = state["Retry"][0] if state.get("Retry") else {"ErrorEquals": [], "MaxAttempts": 0}
    name = state["Resource"].removeprefix(LAMBDA)
    attempt = 1
    while True:
        result = Failure("States.Timeout") if name == "hang" else answer(name, attempt, argument)
        if not isinstance(result, Failure):
            return result
        if attempt > retrier["MaxAttempts"] or not _is_handled(result, retrier["ErrorEquals"]):
            raise Ended(result)
        attempt += 1


def _is_handled(failure: Failure, names: list[str]) -> bool:
    is_task_failure = failure.error != "States.Timeout"
    return failure.error in names or "States.ALL" in names or ("States.TaskFailed" in names and is_task_failure)


def _holds(rule: Mapping[str, Json], payload: Json, variables: Fields) -> bool:
    if "Not" in rule:
        return not _holds(rule["Not"], payload, variables)
    for word, join in (("And", all), ("Or", any)):
        if word in rule:
            return join(_holds(each, payload, variables) for each in rule[word])
    value = variables["kept"] if rule["Variable"] == "$kept" else payload["seed"]
    return bool(value < rule["NumericLessThan"] if "NumericLessThan" in rule else value >= rule["NumericGreaterThanEquals"])


def _given(state: Mapping[str, Json], payload: Json, variables: Fields) -> Json:
    if "Parameters" in state:
        seed = payload["seed"]
        return {"seed": seed, "items": payload["items"], "kept": variables["kept"], "text": f"seed {seed}"}
    path = state.get("InputPath", "$")
    return payload if path == "$" else payload[path.removeprefix("$.")]


def _written(payload: Json, state: Mapping[str, Json], result: Json) -> Json:
    path = state.get("ResultPath", "$")
    written = result if path == "$" else payload if path is None else {**payload, path.removeprefix("$."): result}
    return written[state["OutputPath"].removeprefix("$.")] if "OutputPath" in state else written
