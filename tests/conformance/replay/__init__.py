"""Replay of recorded Step Functions cases: load, run on the kernel in virtual time, show in AWS's shapes, compare.

    cases.py          the recordings and what their placeholders stand for
    driver.py         one execution to its end, without store, clock or event loop
    services.py       the functions that the recordings call, and the services in the cases that are not about them
    stand_in.py       the services of group C: moto's server, called by the product's own AwsCalls
    compare.py        one answer beside the recorded one: placeholders, JSON in strings
    histories.py      the same for histories, whose branches may be interleaved in any order
    verdicts.py       all of it for one case
    __main__.py       a table for people

Run it with `python -m tests.conformance.replay`.
"""
