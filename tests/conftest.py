"""What all tests share: real services, and assertions of the public suites shown in full, like those of tests.

A test that drives processes, brokers or a browser in real time may be late on a busy machine: it gets a second try, and the summary
of the run names it, so that nobody overlooks one that needs it often. Everything else has one try.
"""

import pytest

IN_REAL_TIME = ("tests/integration/", "tests/console/", "tests/chaos/", "tests/e2e/")

pytest_plugins = ["tests.services.fixtures"]
pytest.register_assert_rewrite("conductor_local.testing.store_suite", "conductor_local.testing.sink_suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith(IN_REAL_TIME):
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.write_line(f"!! {report.nodeid} needed a second try", yellow=True, bold=True)
