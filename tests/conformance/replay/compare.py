"""One answer beside the recorded one, by the rules of the recordings.

*Placeholders* (`<uuid:1>`, `snf_role_arn`, `timestamp`, …) stand for any text; one with a number stands for the same text
throughout a case. *JSON in strings*: a string that starts with `{` was parsed when it was recorded, so ours is parsed too; other
JSON texts are compared as text, blanks and escapes included. *Headers* of called services and stack traces need only be there.
Numbers keep their form: 1 is not 1.0. What is absent in the recording must be absent in ours.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

Json = Any

ANY_VALUE = frozenset(
    {
        "timestamp", "datetime", "date", "time", "date-time", "start-date", "stop-date", "start-time", "entered-time",
        "creation-date", "RandomNumberGenerated",
    }
)  # fmt: skip
PRESENCE_ONLY = frozenset({"SdkHttpMetadata", "SdkResponseMetadata", "stackTrace"})
REDRIVE = frozenset({"RedriveCount", "RedriveStatus", "RedriveStatusReason"})
"""What AWS tells of executions since 2023-11; older recordings do not have it."""
IGNORED = frozenset({"ResponseMetadata"})
_WORDS = (
    "snf_role_arn", "sfn_role_arn", "lambda_function_name", "lambda_function_1_name", "activity_arn", "state_machine_arn",
    "sqs_queue_url", "map_run_arn", "task_token", "a_task_token", "someNonexistentBucketName",
    "invalid_execution_arn", "ssm_nonexistent_arn", r"snf_role_arn_t\d", r"activity_arn_\d", "state_machine_alias_name",
    "state_machine_alias_base_name", "log_group_name", r"activity_name_\d",
)  # fmt: skip
_TOKEN = re.compile(rf"<[^<>\s]+>|\b(?:{'|'.join(_WORDS)})\b")
_NUMBERED = re.compile(r":\d+>$|_\d+idx>$")


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place at which two answers differ; `path` as one writes it in Python."""

    path: str
    expected: Json
    got: Json


class _Absent:
    def __repr__(self) -> str:
        return "(absent)"


ABSENT = _Absent()


@dataclass(slots=True)
class Comparison:
    """Compares answers of one case; remembers what its numbered placeholders stand for."""

    meanings: dict[str, str] = field(default_factory=dict)
    is_before_redrive: bool = False

    def copy(self) -> "Comparison":
        """Return one that may be thrown away."""
        return Comparison(dict(self.meanings), self.is_before_redrive)

    def difference(self, expected: Json, got: Json, path: str = "") -> Difference | None:
        """Return the first difference, or None when there is none."""
        if isinstance(expected, str) and expected.strip("<>") in ANY_VALUE:
            return None if got is not ABSENT else Difference(path, expected, got)
        if isinstance(got, str) and (isinstance(expected, dict | list) or got.startswith("{")):
            got = parsed(got)
        if isinstance(expected, str) and expected.startswith("{"):
            expected = parsed(expected)
        match expected, got:
            case dict(), dict():
                return self._objects(expected, got, path)
            case list(), list():
                return self._lists(expected, got, path)
            case str(), str():
                return None if self._texts(expected, got) else Difference(path, expected, got)
        same = type(expected) is type(got) and expected == got
        return None if same else Difference(path, expected, got)

    def _objects(self, expected: dict[str, Json], got: dict[str, Json], path: str) -> Difference | None:
        for name in [*expected, *(name for name in got if name not in expected)]:
            if name in IGNORED:
                continue
            if self.is_before_redrive and name in REDRIVE and name not in expected:
                continue
            here = f"{path}.{name}" if path else name
            one, other = expected.get(name, ABSENT), got.get(name, ABSENT)
            if name in PRESENCE_ONLY or name == "billedDurationInMilliseconds":
                if (one is ABSENT) is not (other is ABSENT):
                    return Difference(here, one, other)
            elif found := self.difference(one, other, here):
                return found
        return None

    def _lists(self, expected: list[Json], got: list[Json], path: str) -> Difference | None:
        for index, (one, other) in enumerate(zip(expected, got, strict=False)):
            if found := self.difference(one, other, f"{path}[{index}]"):
                return found
        if len(expected) == len(got):
            return None
        index = min(len(expected), len(got))
        rest = (expected[index:] or [ABSENT])[0], (got[index:] or [ABSENT])[0]
        return Difference(f"{path}[{index}]", *rest)

    def _texts(self, expected: str, got: str) -> bool:
        if expected == got or self._matches(expected, got):
            return True
        if expected.startswith('"') and parsed(expected) in ANY_VALUE:  # the text of such a text, as variables have it
            return isinstance(parsed(got), str)
        if not expected.startswith("[") or not any(name in expected for name in PRESENCE_ONLY):
            return False
        one, other = parsed(expected), parsed(got)  # a list of what holds headers can only be compared member by member
        return not isinstance(one, str) and not isinstance(other, str) and self.difference(one, other) is None

    def _matches(self, expected: str, got: str) -> bool:
        """Match with placeholders, and take over what they stand for."""
        tokens = _TOKEN.findall(expected)
        if not tokens:
            return False
        pattern = "(.+?)".join(re.escape(part) for part in _TOKEN.split(expected))
        found = re.fullmatch(pattern, got, re.DOTALL)
        if found is None:
            return False
        meanings = dict(self.meanings)
        for token, text in zip(tokens, found.groups(), strict=True):
            if _NUMBERED.search(token) and meanings.setdefault(token, text) != text:
                return False
        self.meanings = meanings
        return True


def parsed(text: str) -> Json:
    """Return what a JSON text says; a text that is not JSON stays what it is."""
    try:
        return json.loads(text)
    except ValueError:
        return text
