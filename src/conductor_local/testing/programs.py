"""Random workflows in the steps language, and what they must give: a plain evaluator that shares no code with the engine.

Rules: every workflow ends; what it ends with depends on its input alone. Of the steps that run side by side at most one can fail
unhandled, because which of two failures comes first is a matter of timing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

import msgspec

from conductor_local.payload import Json
from conductor_local.program import Failure
from conductor_local.testing.faults import answer

SAFE = ("echo", "score", "slow")
RISKY = ("flaky1", "flaky2", "broken", "picky", "hang")
DEPTH_MAX = 2


class Expected(msgspec.Struct, frozen=True):
    """How an instance must end: with `output`, or with `failure`."""

    output: Json = None
    failure: Failure | None = None


class Ended(Exception):
    """A body of the evaluator ended with a failure."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure


# --- making ---------------------------------------------------------------------------------------------------------


def draw_payload(random: Random) -> dict[str, Json]:
    """Make an input: a number for choices, items for maps."""
    items = [{"seed": random.randrange(100), "items": [{"seed": 1, "items": []}]} for _ in range(random.randrange(6))]
    return {"seed": random.randrange(100), "items": items}


def draw_definition(random: Random, name: str) -> dict[str, Json]:
    """Make a workflow."""
    return {"name": name, **_Drawing(random).body(depth=0, risk=None, length=random.randrange(1, 7))}


@dataclass
class Risk:
    """How many steps that may fail unhandled a group of parallel work can still have."""

    left: int = 1

    def take(self) -> bool:
        """Take one, if there is one."""
        self.left -= 1
        return self.left >= 0


class _Drawing:
    """One definition being made; step ids count through all of its bodies."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._count = 0

    def body(self, *, depth: int, risk: Risk | None, length: int) -> dict[str, Json]:
        """Make a chain of steps; choices and catches jump forward in it. `risk` None: any step may fail."""
        ids = [self._id() for _ in range(length)]
        steps = {}
        for place, step in enumerate(ids):
            later = ids[place + 1 :]
            steps[step] = {"name": f"Step {step}", **self._step(step, later, depth, risk)}
        return {"startAt": ids[0], "steps": steps}

    def _id(self) -> str:
        self._count += 1
        return f"s{self._count}"

    def _step(self, step: str, later: list[str], depth: int, risk: Risk | None) -> dict[str, Json]:
        onward: dict[str, Json] = {"nextStepId": later[0]} if later else {}
        kinds = ["function"] * 5 + ["wait"] + (["choice"] if later else []) + (["parallel", "map"] if depth < DEPTH_MAX else [])
        match self._random.choice(kinds if later or self._random.random() < 0.8 else ["end"]):
            case "wait":
                return {"type": "wait", "seconds": self._random.choice([0, 1, 3, 20]), **onward}
            case "choice":
                return self._choice(later)
            case "parallel":
                branches = self._branches(depth, risk)
                return {"type": "parallel", "branches": branches, **self._composite(step, later), **onward}
            case "map":
                return {"type": "map", **self._map(depth, risk), **self._composite(step, later), **onward}
            case "end":
                return self._end(risk)
            case _:
                return {"type": "function", **self._function(step, later, risk), **onward}

    def _composite(self, step: str, later: list[str]) -> dict[str, Json]:
        fields: dict[str, Json] = {"resultPath": f"$.{step}"}
        if self._random.random() < 0.2:
            fields["retry"] = [{"errorEquals": ["States.ALL"], "maxAttempts": 1, "intervalSeconds": 1}]
        return {**fields, **(self._catch(later) if self._random.random() < 0.3 else {})}

    def _catch(self, later: list[str]) -> dict[str, Json]:
        if not later:
            return {}
        target = {"nextStepId": self._random.choice(later), "resultPath": "$.caught"}
        return {"catch": [{"errorEquals": ["States.ALL"], **target}]}

    def _branches(self, depth: int, risk: Risk | None) -> list[Json]:
        shared = risk or Risk(self._random.randrange(2))
        count = self._random.randrange(1, 4)
        return [self.body(depth=depth + 1, risk=shared, length=self._random.randrange(1, 4)) for _ in range(count)]

    def _map(self, depth: int, risk: Risk | None) -> dict[str, Json]:
        shared = risk or Risk(self._random.randrange(2))
        iterator = self.body(depth=depth + 1, risk=shared, length=self._random.randrange(1, 4))
        window = self._random.choice([{}, {"maxConcurrency": 1}, {"maxConcurrency": 2}])
        return {"itemsPath": "$.items", "iterator": iterator, **window}

    def _choice(self, later: list[str]) -> dict[str, Json]:
        """Only forward, and always to the next step by default, so that every step can be reached."""
        when = {"variable": "$.seed", "numericLessThan": self._random.randrange(100)}
        return {"type": "choice", "choices": [{"when": when, "nextStepId": self._random.choice(later)}], "defaultStepId": later[0]}

    def _end(self, risk: Risk | None) -> dict[str, Json]:
        if self._may_risk(risk) and self._random.random() < 0.3:
            return {"type": "fail", "error": "Chosen", "cause": "the workflow says so"}
        return {"type": "succeed"}

    def _function(self, step: str, later: list[str], risk: Risk | None) -> dict[str, Json]:
        catch = self._catch(later) if self._random.random() < 0.3 else {}
        is_risky = self._random.random() < 0.4 and (catch or self._may_risk(risk))
        name = self._random.choice(RISKY if is_risky else SAFE)
        fields: dict[str, Json] = {"functionName": name, **catch}
        if name == "hang":
            fields["timeoutSeconds"] = self._random.choice([1, 5])
        if name in RISKY and self._random.random() < 0.7:
            fields["retry"] = [self._retrier(name)]
        if self._random.random() < 0.3:
            fields["inputPath"] = self._random.choice(["$.seed", "$.items", "$"])
        if name == "echo" or self._random.random() < 0.7:
            fields["resultPath"] = f"$.{step}"
        return fields

    def _retrier(self, name: str) -> dict[str, Json]:
        names = self._random.choice([["Flaky", "States.Timeout"], ["States.ALL"]])
        attempts = self._random.randrange(1, 3) if name in ("hang", "broken") else self._random.randrange(1, 4)
        return {"errorEquals": names, "maxAttempts": attempts, "intervalSeconds": self._random.choice([1, 2]), "backoffRate": 2.0}

    def _may_risk(self, risk: Risk | None) -> bool:
        return risk is None or risk.take()


# --- evaluating ---------------------------------------------------------------------------------------------------------


def evaluate(definition: Mapping[str, Json], payload: Json) -> Expected:
    """Work out how an instance must end."""
    try:
        return Expected(output=_body(definition, payload))
    except Ended as ended:
        return Expected(failure=ended.failure)


def _body(body: Mapping[str, Json], payload: Json) -> Json:
    step: str | None = body["startAt"]
    while step is not None:
        payload, step = _visit(body["steps"][step], payload)
    return payload


def _visit(step: Mapping[str, Json], payload: Json) -> tuple[Json, str | None]:
    """Return the payload behind a step and the step to go on at."""
    onward = step.get("nextStepId")
    match step["type"]:
        case "wait":
            return payload, onward
        case "succeed":
            return payload, None
        case "fail":
            raise Ended(Failure(step["error"], step["cause"]))
        case "choice":
            rule = step["choices"][0]
            return payload, rule["nextStepId"] if payload["seed"] < rule["when"]["numericLessThan"] else step["defaultStepId"]
        case "parallel":
            return _work(step, payload, lambda: [_body(branch, payload) for branch in step["branches"]])
        case "map":
            return _work(step, payload, lambda: [_body(step["iterator"], item) for item in payload["items"]])
        case _:
            argument = _read(payload, step.get("inputPath", "$"))
            return _work(step, payload, lambda: _attempts(step, argument))


def _work(step: Mapping[str, Json], payload: Json, run: Callable[[], Json]) -> tuple[Json, str | None]:
    """Do what may fail and be caught. Trying a composite again changes nothing: it would fail in the same way."""
    try:
        return _written(payload, step, run()), step.get("nextStepId")
    except Ended as ended:
        if not step.get("catch"):
            raise
        caught = {"error": ended.failure.error, "cause": ended.failure.cause}
        return {**payload, "caught": caught}, step["catch"][0]["nextStepId"]


def _attempts(step: Mapping[str, Json], argument: Json) -> Json:
    """Call a function until it answers or no retry is left."""
    retrier: Json = step["retry"][0] if step.get("retry") else {"errorEquals": [], "maxAttempts": 0}
    handled = retrier["errorEquals"]
    attempt = 1
    while True:
        name = step["functionName"]
        result = Failure("States.Timeout") if name == "hang" else answer(name, attempt, argument)
        if not isinstance(result, Failure):
            return result
        if attempt > retrier["maxAttempts"] or not (result.error in handled or "States.ALL" in handled):
            raise Ended(result)
        attempt += 1


def _read(payload: Json, path: str) -> Json:
    return payload if path == "$" else payload.get(path.removeprefix("$."))


def _written(payload: Json, step: Mapping[str, Json], result: Json) -> Json:
    if path := step.get("resultPath"):
        return {**payload, path.removeprefix("$."): result}
    return {**payload, **result} if isinstance(result, dict) else result
