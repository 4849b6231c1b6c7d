"""One transaction around a batch, for a server that forces every write to its disk (`appendfsync always`).

Redis reads 16 KB of a connection at a time, and forces what that asked for to the disk before it reads on: some ten commits. Inside
MULTI … EXEC it carries out the whole batch first and forces it once. (Measured with 50 writers: 1.5 times as many commits; without
forced writes it only delays the first answers, so it is not used there.) The requests stay independent: each has its own answer.
"""

from collections.abc import Callable, Sequence

from conductor_local.stores.redis_faults import Refused
from conductor_local.stores.redis_link import Answer, Command


def grouped(commands: Sequence[Command]) -> list[Command]:
    """Put a transaction around commands."""
    return [("MULTI",), *commands, ("EXEC",)]


class GroupAnswers:
    """Hears the answers to what `grouped` made, and passes on those of the commands; `read` makes a `Refused` of an error reply."""

    def __init__(self, count: int, heard: Callable[[int, Answer], None], read: Callable[[Exception], Refused]) -> None:
        self._count = count
        self._heard = heard
        self._read = read
        self._refused: dict[int, Refused] = {}

    def __call__(self, index: int, answer: Answer) -> None:
        """Take the next answer: to MULTI, to each command (that it is queued, or why not), and to EXEC."""
        if index <= self._count:
            if isinstance(answer, Refused):
                self._refused[index - 1] = answer
        elif isinstance(answer, Refused):  # nothing was done: some commands say why, the others only that
            for place in range(self._count):
                self._heard(place, self._refused.get(place, answer))
        else:
            for place, each in enumerate(answer):
                self._heard(place, self._read(each) if isinstance(each, Exception) else each)
