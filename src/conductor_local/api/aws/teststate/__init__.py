"""TestState: one state tried out by itself, with or without a mock (AWS developer guide, "Testing state machines with TestState").

    request.py       what is asked: the state, its input and variables, the mock, each checked in AWS's order and words
    definition.py    the state in a definition, and the little machine it is tried in
    context.py       a context object that the caller gives
    mocks.py         what a mock may be for a state; `mock_schema.py` holds a result against the API it stands for
    trial.py         the state on the real kernel, its task called or mocked
    map_mock.py      what is particular to a mocked Map: items from a reader's data, failed iterations
    inspection.py    what DEBUG and TRACE show besides

Recorded answers of AWS are the oracle; a text that no recording has follows the style of those there are.
"""
