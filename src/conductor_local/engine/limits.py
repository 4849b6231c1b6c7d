"""What the engine lets grow, each with its reason. Limits that a language or a user sets are in `program.Limits`."""

TRANSITIONS_PER_STEP = 1_000
"""Nodes run before a step ends and leaves a Continue: keeps every commit, and the time nothing else runs, bounded."""

WINDOW_MAX = 40
"""Map iterations at work at once (AWS runs 40 inline); a larger or absent window means this many."""

RETRY_DELAY_S_MAX = 31_622_400.0
"""A back-off never exceeds 366 days (ASL spec, "MaxDelaySeconds"), whatever rate and attempt multiply to."""

CAUSE_CHARS_MAX = 32_768
"""A failure's cause is cut here (AWS quota)."""
