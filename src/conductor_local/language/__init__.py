"""Text to `Program`: every workflow language Conductor reads, one folder per dialect. Pure; knows neither engine nor runtime.

    source = read(text)                                     # JSON with positions; refuses what is not sound JSON
    compiled = compile(source, functions={"sendEmail"})     # raises DefinitionError with every problem found
    compiled.program                                        # what the engine runs

`source.py` and `positions.py` know JSON text, `dialects.py` picks the language: `steps/` is the steps language, `asl/` the Amazon
States Language with its expressions in `expr/`. What languages share lies beside them: `checks.py` (the graph), `matching.py`
(which failures a handler handles), `comparison.py` (Choice), `timestamps.py`, `problems.py`.
"""

from conductor_local.language.dialects import Compiled, compile, dialect_of
from conductor_local.language.source import Source, from_document, read

__all__ = ["Compiled", "Source", "compile", "dialect_of", "from_document", "read"]
