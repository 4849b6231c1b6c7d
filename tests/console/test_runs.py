"""The list of runs and the page of one, against a real server in a real browser."""

import re
import time
from typing import Any

from playwright.sync_api import expect
from tests.console.browser import page_of
from tests.console.server import Server

LINES = [{"sku": f"sku-{number}"} for number in range(6)]


def node(page: Any, title: str) -> Any:
    return page.locator(".g-node").filter(has=page.get_by_text(title, exact=True)).last


def test_a_run_is_watched_live_from_its_start_to_its_end(page: Any, server: Server) -> None:
    run = server.trigger("order", {"total": 20, "lines": LINES})
    page.goto(f"/console/runs/{run}")
    expect(node(page, "Ask the bank")).to_contain_text("retry")
    expect(page.locator(".page-head .status")).to_have_text("Running")
    expect(node(page, "Let it settle")).to_contain_text("waiting")
    expect(page.locator(".page-head .status")).to_have_text("Completed")
    expect(node(page, "Done")).to_contain_text("succeeded")
    expect(node(page, "Refuse")).to_have_text(re.compile(", fail$"))
    node(page, "Ask the bank").click()
    expect(page.get_by_text("3 attempts")).to_be_visible()
    expect(page.locator(".attempt").first).to_contain_text("BusyError")


def test_a_state_that_is_selected_is_selected_in_every_view(page: Any, server: Server) -> None:
    run = server.trigger("order", {"total": 20, "lines": LINES, "card": "declined"})
    server.ended(run)
    page.goto(f"/console/runs/{run}")
    node(page, "Charge the card").click()
    details = page.get_by_role("complementary")
    expect(details).to_contain_text("CardDeclinedError")
    expect(details).to_contain_text("<b>declined</b> by the bank")
    page.get_by_role("tab", name="Timeline").click()
    expect(page.locator(".gantt-row.selected")).to_contain_text("Charge the card")
    page.get_by_role("tab", name="States").click()
    expect(page.locator(".states-row.selected")).to_contain_text("failed, caught")
    address = page.url
    page.goto("/")
    page.goto(address)
    expect(page.locator(".states-row.selected")).to_contain_text("Charge the card")


def test_a_map_of_a_thousand_items_opens_at_its_failed_one_with_the_traceback(page: Any, server: Server) -> None:
    lines = [{"sku": "broken" if number == 700 else f"s{number}"} for number in range(1_000)]
    run = server.trigger("ship", {"lines": lines})
    server.ended(run)
    page.goto(f"/console/runs/{run}?place=Each%20line")
    page.get_by_role("button", name="First failed").click()
    expect(page.get_by_text("Iteration 700: failed")).to_be_visible()
    node(page, "Reserve").click()
    details = page.get_by_role("complementary")
    expect(details).to_contain_text("<script>alert('sku')</script>")
    expect(details).to_contain_text("raise ValueError")
    expect(details.locator(".json").first).to_contain_text("broken")
    before = time.monotonic()
    page.goto(f"/console/runs/{run}?view=history")
    expect(page.get_by_role("tab", name="History")).to_contain_text(re.compile(r"\d,\d{3}"))
    expect(page.locator(".history-row").nth(5)).to_be_visible()
    assert time.monotonic() - before < 3
    assert page.locator(".history-row").count() < 120


def test_a_run_is_cancelled_and_redriven(page: Any, server: Server) -> None:
    run = server.trigger("slow", {"takes": 1})
    page.goto(f"/console/runs/{run}")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel the run").click()
    expect(page.locator(".page-head .status")).to_have_text("Cancelled")
    page.get_by_role("button", name="Redrive").click()
    expect(page.locator(".page-head .status")).to_have_text("Completed")
    expect(page.get_by_text("redriven 1×")).to_be_visible()


def test_a_secret_is_hidden_and_sent_all_the_same(page: Any, server: Server) -> None:
    run = server.trigger("sample-user-signup", {"email": "eve@example.com", "password": "correct horse"})
    server.ended(run)
    page.goto(f"/console/runs/{run}")
    expect(page.locator(".json").first).to_contain_text("***")
    assert "correct horse" not in page.content()
    page.get_by_role("button", name="Run again").click()
    expect(page.get_by_text("the real ones are sent")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Run", exact=True).click()
    expect(page).not_to_have_url(re.compile(run))
    again = page.url.rsplit("/", 1)[1]
    assert server.ended(again)["initialPayload"]["password"] == "correct horse"


def test_the_list_is_live_filtered_and_acts_on_many(page: Any, server: Server) -> None:
    page.goto("/console/runs?workflow=slow")
    marks = [server.trigger("slow", {"takes": 20, "mark": f"many-{number}"}) for number in range(3)]
    for run in marks:
        expect(page.locator(f'[data-run="{run}"]')).to_contain_text("Running")
    page.get_by_label("Search runs").fill("many-")
    expect(page.locator("tbody tr")).to_have_count(3)
    page.get_by_label("Mark all").check()
    page.get_by_role("toolbar").get_by_role("button", name="Cancel 3").click()
    for run in marks:
        expect(page.locator(f'[data-run="{run}"]')).to_contain_text("Cancelled")
    page.get_by_role("button", name=re.compile("^Failed")).click()
    expect(page).to_have_url(re.compile("status=FAILED"))
    expect(page.get_by_text("No run is like this")).to_be_visible()


def test_keys_go_through_the_list_and_open_a_run(page: Any, server: Server) -> None:
    run = server.trigger("order", {"total": 1})
    server.ended(run)
    page.goto("/console/workflows")
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page.locator(f'[data-run="{run}"]')).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/console/runs/{run}"))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()


def test_events_arrive_as_they_happen(page: Any, server: Server) -> None:
    page.goto("/console/events?kind=failed")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    server.ended(server.trigger("order", {"total": 1}))
    expect(page.locator(".feed .history-row").filter(has_text="WORKFLOW_FAILED")).to_have_count(1)
    expect(page.locator(".feed .history-row").filter(has_text="WORKFLOW_STARTED")).to_have_count(0)


def test_functions_say_where_they_come_from(page: Any) -> None:
    page.goto("/console/functions")
    row = page.get_by_role("row").filter(has=page.get_by_text("charge", exact=True))
    expect(row).to_contain_text(re.compile(r"shop\.py:\d+"))


def test_a_run_is_copied_as_the_line_that_describes_it(browser: Any, server: Server) -> None:
    run = server.trigger("order", {"total": 1})
    arn = server.ended(run)["arn"]
    with page_of(browser, server.url, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto(f"/console/runs/{run}")
        page.get_by_role("button", name="Copy", exact=True).click()
        page.get_by_role("button", name="AWS CLI that describes it").click()
        expect(page.get_by_text("describes it copied")).to_be_visible()
        line = page.evaluate("navigator.clipboard.readText()")
    assert line == f"aws stepfunctions --endpoint-url {server.url} describe-execution --execution-arn '{arn}'"


def test_runs_are_filtered_by_when_they_started(page: Any, server: Server) -> None:
    run = server.trigger("order", {"total": 1})
    server.ended(run)
    page.goto("/console/runs?from=2001-01-01T00:00")
    expect(page.locator(f'[data-run="{run}"]')).to_be_visible()
    expect(page.get_by_label("Started from")).to_have_value("2001-01-01T00:00")
    page.get_by_label("Started before").fill("2001-01-02T00:00")
    page.get_by_label("Started before").press("Tab")
    expect(page.get_by_text("No run is like this")).to_be_visible()


def test_keys_go_from_state_to_state(page: Any, server: Server) -> None:
    run = server.trigger("order", {"total": 20, "lines": LINES, "card": "declined"})
    server.ended(run)
    page.goto(f"/console/runs/{run}")
    expect(node(page, "Refuse")).to_contain_text("failed")
    page.keyboard.press("j")
    expect(page.get_by_role("complementary")).to_contain_text("Is it worth it?")
    page.keyboard.press("j")
    expect(page.get_by_role("complementary").get_by_role("heading", name="Prepare")).to_be_visible()
    page.keyboard.press("3")
    expect(page.locator(".states-row.selected")).to_contain_text("Prepare")
