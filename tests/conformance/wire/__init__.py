"""Replay of recorded calls over the wire: boto3 against a server, one world for each case.

    scripts.py        the recordings that are sequences of calls
    world.py          a server on a real port, emptied for each case
    refusals.py       recorded refusals that are not AWS's words
    play.py           a script call by call, each answer beside the recorded one

`python -m tests.conformance.replay` has them in its table.
"""
