"""Where tests keep their stores on a Redis that they share: prefixes that no other test and no other run has."""

import secrets
from hashlib import blake2b
from pathlib import Path

import redis

RUN = secrets.token_hex(4)


def prefix_of(place: Path) -> str:
    """Return the prefix that stands for a folder in this run: what the folder is to other stores."""
    return f"test-{RUN}-{blake2b(str(place).encode(), digest_size=6).hexdigest()}"


def forget_all(url: str) -> None:
    """Remove what the tests of this run have kept."""
    with redis.Redis.from_url(url) as client:
        for key in client.scan_iter(f"test-{RUN}-*", count=1000):
            client.delete(key)
