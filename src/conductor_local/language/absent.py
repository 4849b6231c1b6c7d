"""The one value that stands for "there is nothing there", which JSON's null cannot say."""


class Absent:
    """Nothing at all. Never part of a payload."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()
