"""JSONata's own messages in the reference implementation's words, which are AWS's too, where the library words them otherwise.

Rules: a message that is not in the table stays as it is. The name of the function that refused an argument is not in the library's
message: it is given when the expression calls only one function.
"""

import re
from typing import Final

from conductor_local.language.expr.jsonata.engine import EngineFault
from conductor_local.language.expr.jsonata.limits import MEMORY

TIMEOUT: Final = "Expression evaluation timeout: Check for infinite loop"
DEPTH: Final = "Stack overflow error: Check for non-terminating recursive function.  Consider rewriting as tail-recursive."
_WITHOUT_CODE: Final = {"D1011": DEPTH, "U1002": DEPTH, "D1012": TIMEOUT, "D2014": MEMORY, "D2015": MEMORY}
_TYPES: Final = {"Number": "numbers", "String": "strings", "Boolean": "booleans", "Object": "objects", "Array": "arrays"}
_FIXED: Final = {
    "T1006": "Attempted to invoke a non-function",
    "T1008": "Attempted to partially apply a non-function",
    "T2003": "The left side of the range operator (..) must evaluate to an integer",
    "T2004": "The right side of the range operator (..) must evaluate to an integer",
}
_SIDE: Final = re.compile(r"^The (left|right) side of the (\S+) operator must evaluate to a number")
_ARGUMENT: Final = re.compile(r"^Argument (\d+) ")
_ELEMENTS: Final = re.compile(r"^Argument (\d+) must be an array of (\w+)$")
_CAST: Final = re.compile(r"^Cannot convert '([\s\S]*)' to number$")


def worded(fault: EngineFault, called: tuple[str, ...]) -> str:
    """Return how the sentence about an engine error ends: `. CODE: message`, or `: message` without a code."""
    if fault.code in _WITHOUT_CODE:
        return f": {_WITHOUT_CODE[fault.code]}"
    return f". {fault.code}: {_message(fault, called)}" if fault.code else f": {fault.message}"


def _message(fault: EngineFault, called: tuple[str, ...]) -> str:
    text = _FIXED.get(fault.code, fault.message)
    if side := _SIDE.match(text):
        return f'The {side[1]} side of the "{side[2]}" operator must evaluate to a number'
    if cast := _CAST.match(text):
        return f'Unable to cast value to a number: "{cast[1]}"'
    if len(called) != 1:
        return text
    if fault.code == "T0412" and (elements := _ELEMENTS.match(text)):
        types = _TYPES.get(elements[2], elements[2])
        return f'Argument {elements[1]} of function "{called[0]}" must be an array of "{types}"'
    if fault.code == "T0410" and (argument := _ARGUMENT.match(text)):
        return f'Argument {argument[1]} of function "{called[0]}" does not match function signature'
    return text
