"""Fixtures that give tests real services, started with the functions of `make services`.

Rules: one Kafka for the whole run, whatever the number of worker processes, and one Redis a worker; both are ended with the run,
and what a killed run left behind is ended by the next. Where a service cannot be had its tests are skipped, and the summary of the
run says so in a line of its own. CONDUCTOR_TEST_REDIS_URL and CONDUCTOR_TEST_KAFKA_BROKER point to running ones instead.
"""

import fcntl
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from scripts.services.daemon import Daemon, ServiceError, end, free_port
from scripts.services.kafka import prepare_kafka
from scripts.services.redis import prepare_redis

CACHE = Path(__file__).parents[2] / ".services"
RUNS = CACHE / "tests"
_RUN = "CONDUCTOR_TEST_RUN"  # the folder of this run, told to the worker processes
_ABSENT = "REAL SERVICE ABSENT: "


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        for left_over in RUNS.glob("*"):
            if not _is_alive(int(left_over.name)):
                _end_all(left_over)
        os.environ[_RUN] = str(RUNS / str(os.getpid()))


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        _end_all(Path(os.environ.pop(_RUN)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = (
        str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", []) if isinstance(report.longrepr, tuple | list)
    )
    counts = Counter(reason.partition(_ABSENT)[2] for reason in reasons if _ABSENT in reason)
    for reason, count in counts.items():
        terminalreporter.write_line(f"!! {count} tests DID NOT RUN: {reason}", red=True, bold=True)


@pytest.fixture(scope="session")
def redis_url() -> str:
    """A Redis of this worker process: as `redis://host:port`. Tests share it one after the other and clear what they need clear."""
    if given := os.environ.get("CONDUCTOR_TEST_REDIS_URL"):
        return given
    folder = _run() / f"redis-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    return f"redis://{_started('Redis', lambda: prepare_redis(folder, free_port())).address}"


@pytest.fixture(scope="session")
def kafka_broker() -> str:
    """The Kafka of this run, as KAFKA_BROKER names it. Tests run on it at the same time, each with topics and groups of its own."""
    if given := os.environ.get("CONDUCTOR_TEST_KAFKA_BROKER"):
        return given
    note = _run() / "kafka.address"
    with _locked():
        if not note.exists():
            note.write_text(_started("Kafka", lambda: _kafka(_run() / "kafka")).address)
        return note.read_text()


@pytest.fixture
def mortal_redis(tmp_path: Path) -> Iterator[Daemon]:
    """A Redis for one test that stops, kills or pauses it; it forces every write to the disk."""
    daemon = _started("Redis", lambda: prepare_redis(tmp_path / "redis", free_port(), fsync="always"))
    yield daemon
    daemon.kill()


@pytest.fixture
def mortal_kafka(tmp_path: Path) -> Iterator[Daemon]:
    """A Kafka for one test that stops, kills or pauses it; it takes some seconds to start, and again after a kill."""
    daemon = _started("Kafka", lambda: _kafka(tmp_path / "kafka"))
    yield daemon
    daemon.kill()


def _kafka(folder: Path) -> Daemon:
    return prepare_kafka(folder, free_port(), free_port(), cache=CACHE)


def _started(name: str, prepare: Callable[[], Daemon]) -> Daemon:
    """Start a service, or skip the tests that need it with the reason."""
    note = _run() / f"{name}.absent"
    with _locked(f"{name}.start"):
        try:
            if note.exists():
                raise ServiceError(note.read_text())
            daemon = prepare()
            daemon.start()
        except ServiceError as error:
            note.write_text(str(error))
            pytest.skip(f"{_ABSENT}{name} could not be started. {error}")
        return daemon


def _run() -> Path:
    folder = Path(os.environ[_RUN])
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _locked(name: str = "lock") -> Iterator[None]:
    """Let one process of the run in at a time."""
    with (_run() / name).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _end_all(run: Path) -> None:
    for pid in run.glob("*/pid"):
        end(pid.parent)
    shutil.rmtree(run, ignore_errors=True)
