"""What one evaluation may take.

The depth, the length of a sequence and the text it answers are the same on every machine; the time is not, so it is only the last
net, far above what an expression over a payload of 256 KiB needs. Where AWS's own bound was measured (us-east-1, August 2026) it
is taken: depth about 100, 873,782 elements in a sequence, 360,145 in a `$range`.
"""

from typing import Final

MEMORY: Final = "Expression evaluation memory limit exceeded: Check for excessive memory usage"
"""What AWS says when a text or a sequence would be too long."""
TIME_MS: Final = 3_000
DEPTH: Final = 302
"""In the engine's own count, in which a call that is not a tail call takes three: a recursion of 100 as on AWS."""
SEQUENCE_LENGTH: Final = 873_782
RANGE_LENGTH: Final = 360_145
TEXT_LENGTH: Final = 4_194_304
"""Characters a string may be padded or joined to (AWS: 4,194,304 pass, twice that does not)."""
MATCHED_LENGTH: Final = 524_288
"""Characters of a text in which every match of a regular expression is looked for: twice what a payload holds."""
OBJECT_MEMBERS: Final = 250_000
"""Members and elements, at all depths, of an object made of variables in a loop."""
PICTURE_LENGTH: Final = 1_000
ROMAN_MAX: Final = 1_000_000
SCAN_LENGTH: Final = 1_000
"""Items `$distinct` may compare each with each; longer lists go another way."""
VALUE_SHOWN: Final = 1_024
"""Characters of a value that an error text quotes."""
