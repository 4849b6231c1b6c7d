"""`make services`: bring up Redis and Kafka and say where they are. `make services-stop`: end them, keeping what they hold.

    python -m scripts.services up [--redis-port 6379] [--kafka-port 9092] [--event-partitions 8] …
    python -m scripts.services stop

What can be exported goes to stdout, all else to stderr, so that `eval "$(make -s services)"` points a shell at them.
"""

import argparse
import fcntl
import json
import sys
from pathlib import Path

from scripts.services.daemon import Daemon, ServiceError, end, free_port, is_running
from scripts.services.kafka import create_topics, prepare_kafka
from scripts.services.redis import prepare_redis

HOME = Path(__file__).parents[2] / ".services"
EVENTS, TRIGGERS = "workflow_events", "workflow_step_triggers"


def main() -> int:
    """Do what the command line says; return the exit code."""
    options = _options()
    HOME.mkdir(exist_ok=True)
    with (HOME / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return _up(options) if options.command == "up" else _stop()
        except ServiceError as error:
            print(error, file=sys.stderr)
            return 1


def _up(options: argparse.Namespace) -> int:
    redis = _redis(options)
    kafka = _kafka(options)
    redis.start()
    kafka.start()
    for remark in create_topics(kafka, {EVENTS: options.event_partitions, TRIGGERS: options.trigger_partitions}, cache=HOME):
        print(remark, file=sys.stderr)
    for daemon, wanted in ((redis, options.redis_port), (kafka, options.kafka_port)):
        elsewhere = "" if daemon.port == wanted else f" (not {wanted}: it was taken)"
        print(f"{daemon.name} answers at {daemon.address}{elsewhere}; its data and log are in {daemon.folder}", file=sys.stderr)
    print("To point Conductor at them:", file=sys.stderr)
    print(f"export REDIS_HOST=127.0.0.1 REDIS_PORT={redis.port} KAFKA_BROKER={kafka.address}")
    return 0


def _stop() -> int:
    for name in ("kafka", "redis"):
        was_running = is_running(HOME / name)
        end(HOME / name)
        print(f"{name}: {'stopped' if was_running else 'was not running'}", file=sys.stderr)
    return 0


def _redis(options: argparse.Namespace) -> Daemon:
    (port,) = _ports(HOME / "redis", options.redis_port)
    return prepare_redis(HOME / "redis", port, fsync=options.fsync)


def _kafka(options: argparse.Namespace) -> Daemon:
    port, controller_port = _ports(HOME / "kafka", options.kafka_port, options.kafka_port + 1)
    return prepare_kafka(HOME / "kafka", port, controller_port, cache=HOME)


def _ports(folder: Path, *wanted: int) -> list[int]:
    """Return the ports that a running server has, else the wanted ones or others that are free."""
    note = folder / "ports.json"
    if is_running(folder):
        return list(json.loads(note.read_text()))
    folder.mkdir(exist_ok=True)
    ports = [free_port(port) for port in wanted]
    note.write_text(json.dumps(ports))
    return ports


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scripts.services", description="Real Redis and Kafka on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start what is not running and say where both are")
    up.add_argument("--redis-port", type=int, default=6379)
    up.add_argument("--kafka-port", type=int, default=9092)
    up.add_argument("--fsync", choices=("everysec", "always"), default="everysec", help="when Redis forces its log to the disk")
    up.add_argument("--event-partitions", type=int, default=8, help=f"partitions of {EVENTS}")
    up.add_argument("--trigger-partitions", type=int, default=64, help=f"partitions of {TRIGGERS}")
    commands.add_parser("stop", help="end both; what they hold stays")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
