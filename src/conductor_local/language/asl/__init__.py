"""The Amazon States Language: what a user may write is described in `docs/states-language.md`.

`parse.py` reads the whole and its bodies, `states.py` says what each type of state is, `choice.py`, `wait.py`, `composites.py` and
`handlers.py` are the parts with rules of their own. `dataflow.py` compiles JSONPath fields into slots, `expressions.py` JSONata
ones; `resources.py` knows ARNs, `graph.py` who leads to whom. `diagnostics.py` has AWS's codes and one of ours, RUNS_DISTRIBUTED,
a warning. `validation.py` judges a text as AWS's API does. `stages.py` shows what
becomes of the data in a state that ran.
"""

from conductor_local.language.asl.diagnostics import Diagnostic, Diagnostics, invalid_definition
from conductor_local.language.asl.identity import Identity
from conductor_local.language.asl.jackson import complaint
from conductor_local.language.asl.map_run import machine_of_items
from conductor_local.language.asl.parse import EVENTS_MAX, read_machine
from conductor_local.language.asl.resources import function_name
from conductor_local.language.asl.validation import diagnose

__all__ = [
    "EVENTS_MAX", "Diagnostic", "Diagnostics", "Identity", "complaint", "diagnose", "function_name", "invalid_definition",
    "machine_of_items", "read_machine",
]  # fmt: skip
