"""The only randomness a workflow can see: a pure function of the execution's seed, so that a replay draws the same."""

from hashlib import blake2b


def entropy(seed: int, draw: int) -> int:
    """Return the 64 bits that draw number `draw` of an execution with this 64-bit `seed` gives."""
    return int.from_bytes(blake2b(seed.to_bytes(8) + draw.to_bytes(8), digest_size=8).digest())


def fraction(bits: int) -> float:
    """Map 64 random bits onto [0, 1)."""
    return (bits >> 11) / (1 << 53)
