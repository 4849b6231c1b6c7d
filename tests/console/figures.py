"""Measures what the console promises, in a real browser against a real server, and prints it beside the promise.

Run as `python -m tests.console.figures`; needs Chromium and a built console. What a busy machine makes slow is measured three
times, and the best counts.
"""

import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect
from tests.console.browser import browsing, page_of, settle
from tests.console.server import Server, serving

ITEMS = 1_500
STATES = 200
UPDATES_PER_S = 20
MEASURED_S = 6.0
TICK = os.sysconf("SC_CLK_TCK")
SCROLL = """async () => {
  const view = document.querySelector('.view'); const frames = []; let before = performance.now();
  for (let i = 0; i < 90; i++) {
    view.scrollTop += 700;
    await new Promise(requestAnimationFrame);
    const now = performance.now(); frames.push(now - before); before = now;
  }
  return frames.sort((a, b) => a - b)[Math.floor(frames.length * 0.95)];
}"""


def best(measure: Callable[[], float], times: int = 3) -> float:
    """Return the least of several measurements."""
    return min(measure() for _ in range(times))


def first_load(browser: Any, server: Server) -> tuple[float, float]:
    """Return kilobytes over the wire, and milliseconds until the page can be used."""
    with page_of(browser, server.url, may_fail=True) as page:
        sizes: list[int] = []
        page.on("response", lambda answer: sizes.append(int(answer.headers.get("content-length", 0))))
        page.goto("/")
        expect(page.get_by_role("heading", name="Workflows")).to_be_visible()
        ready = page.evaluate("performance.now()")
        settle(page)
        return sum(sizes) / 1_000, ready


def opening(browser: Any, server: Server, run: str, events: int) -> float:
    """Return milliseconds until all events of a run are there."""
    with page_of(browser, server.url, may_fail=True) as page:
        page.goto(f"/console/runs/{run}?view=history")
        page.wait_for_function(
            "count => document.querySelectorAll('.tab .count')[1]?.textContent === count", arg=f"{events:,}", polling=20
        )
        return float(page.evaluate("performance.now()"))


def scrolling(browser: Any, server: Server, run: str) -> float:
    """Return the 95th percentile of the milliseconds from frame to frame."""
    with page_of(browser, server.url, may_fail=True) as page:
        page.goto(f"/console/runs/{run}?view=history")
        expect(page.locator(".history-row").nth(20)).to_be_visible()
        page.wait_for_timeout(500)
        return float(page.evaluate(SCROLL))


def layout(browser: Any, server: Server) -> float:
    """Return milliseconds that a graph of many states is laid out in."""
    states = {f"State{number}": {"Type": "Pass", "Next": f"State{number + 1}"} for number in range(STATES - 1)}
    for number in range(8, STATES - 10, 9):
        rule = {"Variable": "$.x", "NumericEquals": number, "Next": f"State{number + 1}"}
        states[f"State{number}"] = {"Type": "Choice", "Choices": [rule], "Default": f"State{number + 3}"}  # type: ignore[dict-item]
    last = {f"State{STATES - 1}": {"Type": "Succeed"}}
    made = server.call("POST", "/workflows/definitions", {"name": "wide", "StartAt": "State0", "States": {**states, **last}})
    with page_of(browser, server.url, may_fail=True) as page:
        page.goto(f"/console/workflows/{made['id']}")
        expect(page.locator(".g-node")).to_have_count(STATES)
        took = page.evaluate("performance.getEntriesByName('graph layout')[0].duration")
    server.call("DELETE", f"/workflows/definitions/{made['id']}")
    return float(took)


def load_of_updates(browser: Any, server: Server) -> float:
    """Return the per cent of a core that the server takes to run what makes twenty events a second, and to tell a page of them."""
    with page_of(browser, server.url, may_fail=True) as page:
        page.goto("/console/events")
        settle(page)
        before, began = _cpu_s(server.process), time.monotonic()
        while (now := time.monotonic()) - began < MEASURED_S:
            server.trigger("tick", {})
            time.sleep(max(0.0, EVENTS_OF_TICK / UPDATES_PER_S - (time.monotonic() - now)))
        share = (_cpu_s(server.process) - before) / (time.monotonic() - began)
        shown = int(re.sub(r"\D", "", page.get_by_text("Since this page was opened").inner_text()))
        assert shown > UPDATES_PER_S * MEASURED_S / 2, f"only {shown} events arrived"
    return share * 100


EVENTS_OF_TICK = 4
TICKING = {"name": "tick", "startAt": "a", "steps": {"a": {"type": "succeed"}}}


def _cpu_s(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server, browsing() as browser:
        server.call("POST", "/workflows/definitions", TICKING)
        size = first_load(browser, server)[0]
        run = server.trigger("ship", {"lines": [{"sku": f"s{number}"} for number in range(ITEMS)]})
        server.ended(run)
        events = 0
        while page := server.call("GET", f"/workflows/instances/{run}/events?view=engine&limit=1000&after={events}")["items"]:
            events = page[-1]["seq"]
        rows = [
            ("first load, compressed", f"{size:.0f} kB", "250 kB"),
            ("until it can be used", f"{best(lambda: first_load(browser, server)[1]):.0f} ms", "1 s"),
            (f"a run with {events:,} events, opened", f"{best(lambda: opening(browser, server, run, events)):.0f} ms", "1 s"),
            ("scrolling it, 95 % of frames within", f"{best(lambda: scrolling(browser, server, run)):.0f} ms", "33 ms"),
            (f"a graph of {STATES} states, laid out", f"{best(lambda: layout(browser, server)):.0f} ms", "300 ms"),
            (f"{UPDATES_PER_S} updates a second, run and shown", f"{load_of_updates(browser, server):.1f} %", "10 %"),
        ]
    for name, found, promised in rows:
        sys.stdout.write(f"{name:<42}{found:>9}   at most {promised}\n")


if __name__ == "__main__":
    main()
