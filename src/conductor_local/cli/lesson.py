"""The end of a command's help: examples to copy and what its exit codes mean."""

from conductor_local.cli import exits

SERVER_EXITS = (exits.DONE, exits.USAGE, exits.UNAVAILABLE, exits.NOT_FOUND)


def lesson(*examples: str, ends: tuple[int, ...]) -> str:
    """Write the epilog of a click command; the marks keep click from joining its lines."""
    shown = "\n".join(f"  $ {example}" for example in examples)
    codes = "\n".join(f"  {code:<3} {exits.MEANINGS[code]}" for code in ends)
    return f"\b\nExamples:\n{shown}\n\n\b\nExit codes:\n{codes}"
