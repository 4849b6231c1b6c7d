"""Recorded refusals that are not AWS's words: read as what AWS would have said.

Some refusals of definitions (2024) were taken from the recorder's own emulator, which shows an exception of Python's. What it says
is all that can be compared; the place that our answer names is left open.
"""

import ast
import re
from typing import Any

Json = Any
_EMULATED = re.compile(r"Error=\w+ Args=(\[.*?\]) in definition '.*", re.DOTALL)


def as_aws_says(answer: Json) -> Json:
    """Return a recorded answer with its message as AWS would have put it; any other answer as it is."""
    error = answer.get("Error", {})
    found = _EMULATED.fullmatch(error.get("Message", ""))
    if found is None:
        return answer
    (said,) = ast.literal_eval(found[1])
    message = f"Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: {said} at <place>'"
    return {**answer, "Error": {**error, "Message": message}, "message": message}
