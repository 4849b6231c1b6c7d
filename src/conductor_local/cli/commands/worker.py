"""`conductor worker`."""

import logging
import os
from typing import Any

import click

from conductor_local.cli import exits
from conductor_local.cli.lesson import lesson
from conductor_local.cli.options import ENV_FILE, output_option
from conductor_local.cli.sharing import sharing_options, wait_option

_ENDS = (exits.DONE, exits.USAGE, exits.UNAVAILABLE)


@click.command(
    epilog=lesson(
        "conductor worker --functions functions.py --redis-url redis://127.0.0.1:6379 --kafka-broker 127.0.0.1:9092",
        "conductor worker --functions functions.py --wait --drain-s 60 --metrics-port 9100",
        ends=_ENDS,
    )
)
@click.option("--functions", multiple=True, metavar="PLACE", help="A folder, .py file or module of functions; repeatable.")
@sharing_options
@click.option("--time-scale", type=float, metavar="FACTOR", help="Multiplies the simulated times of the sample functions; 0: none.")
@click.option("--metrics-port", type=int, metavar="PORT", help="Answer /metrics, /healthz and /readyz here; 0: any free port.")
@wait_option
@output_option
def worker(metrics_port: int | None, wait: bool, output: str, **flags: Any) -> None:
    """Work on instances beside other processes, without answering requests."""
    from conductor_local.cli.work import work
    from conductor_local.cli.work_bulletin import WorkBulletin
    from conductor_local.runtime.settings import check_worker, load_settings

    overrides = {name: value for name, value in flags.items() if value not in ((), None)}
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    settings = load_settings({**overrides, "works": True, "sample": False}, environ=os.environ, env_file=ENV_FILE)
    check_worker(settings)
    work(settings, WorkBulletin(output), metrics_port=metrics_port, waits=wait)
