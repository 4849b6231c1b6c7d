"""The kernel: pure and deterministic. Program x State x Message -> Step, without I/O, clock or ids of its own.

Begin with `advance.py`; `state.py` says what an execution is; `nodes/` what each kind of node does.
"""
