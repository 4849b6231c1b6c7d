"""What a run was asked for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`quick` trades certainty for time: fewer rounds and smaller loads."""

    quick: bool = False

    @property
    def rounds(self) -> int:
        return 3 if self.quick else 5
