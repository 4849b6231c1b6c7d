"""Real Redis and Kafka for a benchmark, each in a folder of its own that is removed afterwards."""

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from scripts.services.daemon import Daemon, free_port
from scripts.services.kafka import prepare_kafka
from scripts.services.redis import prepare_redis

CACHE = Path(__file__).parents[1] / ".services"


@contextlib.contextmanager
def redis(fsync: str) -> Iterator[Daemon]:
    """Run a Redis whose `appendfsync` is `fsync`. Raises `ServiceError` when it cannot be had."""
    with _run(lambda folder: prepare_redis(folder, free_port(), fsync=fsync)) as daemon:
        yield daemon


@contextlib.contextmanager
def kafka() -> Iterator[Daemon]:
    """Run a Kafka of one broker. Raises `ServiceError` when it cannot be had."""
    with _run(lambda folder: prepare_kafka(folder, free_port(), free_port(), cache=CACHE)) as daemon:
        yield daemon


@contextlib.contextmanager
def _run(prepare: Callable[[Path], Daemon]) -> Iterator[Daemon]:
    folder = Path(tempfile.mkdtemp(prefix="conductor-bench-"))
    try:
        daemon = prepare(folder)
        daemon.start()
        try:
            yield daemon
        finally:
            daemon.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
