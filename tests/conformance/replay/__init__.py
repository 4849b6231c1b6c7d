"""Replay of recorded Step Functions cases: load, run on the kernel in virtual time, show in AWS's shapes, compare.

    cases.py          the recordings and what their placeholders stand for
    driver.py         one execution to its end, without store, clock or event loop
    services.py       the functions and services that the recordings call
    compare.py        one answer beside the recorded one: placeholders, JSON in strings
    histories.py      the same for histories, whose branches may be interleaved in any order
    verdicts.py       all of it for one case
    __main__.py       a table for people

Run it with `python -m tests.conformance.replay`.
"""
