"""What waits for an answer, and the data of a state stage by stage, against a real server in a real browser."""

import re
from typing import Any

from playwright.sync_api import expect
from tests.console.server import Server

ORDER = {"customer": "Ada", "order": {"id": "o-1", "total": 2_000}}


def write(page: Any, text: str) -> None:
    """Replace what the editor of the answer shows."""
    page.locator(".answer .cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def test_a_callback_shows_up_by_itself_and_is_answered_with_success(page: Any, server: Server) -> None:
    page.goto("/console/inbox")
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
    run = server.trigger("approve", ORDER)
    page.goto(f"/console/inbox?run={run}")
    expect(page.locator(".task-row")).to_contain_text("Approval")
    expect(page.get_by_label("What it was given")).to_contain_text("***")
    write(page, '{"by": "Grace", "n": 12345678901234567890')
    expect(page.get_by_role("button", name="Send success")).to_be_disabled()
    write(page, '{"by": "Grace", "n": 12345678901234567890}')
    page.get_by_role("button", name="Heartbeat").click()
    expect(page.get_by_text("Heartbeat sent")).to_be_visible()
    page.get_by_role("button", name="Send success").click()
    expect(page.get_by_text("This run waits for nothing")).to_be_visible()
    assert server.ended(run)["status"] == "COMPLETED"


def test_a_task_that_begins_to_wait_is_seen_without_loading_again(page: Any, server: Server) -> None:
    page.goto("/console/inbox")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    run = server.trigger("approve", ORDER)
    row = page.locator(".task-row").first
    expect(row).to_contain_text('"id":"o-1"')
    server.call("POST", f"/workflows/instances/{run}/cancel")
    expect(page.get_by_text("Nobody waits for an answer")).to_be_visible()


def test_an_answer_of_failure_is_caught_where_the_workflow_says_so(page: Any, server: Server) -> None:
    run = server.trigger("approve", ORDER)
    page.goto(f"/console/runs/{run}?place=Approval")
    expect(page.locator(".split-side .status").first).to_have_text("waiting")
    page.get_by_role("link", name="Answer it").click()
    page.get_by_role("button", name="Failure").click()
    page.get_by_label("Error").fill("Rejected")
    page.get_by_label("Cause").fill("<script>window.pwned = 1</script>")
    page.get_by_role("button", name="Send failure").click()
    expect(page.get_by_text("This run waits for nothing")).to_be_visible()
    ended = server.ended(run)
    assert ended["status"] == "FAILED"
    page.goto(f"/console/runs/{run}?place=Approval")
    details = page.get_by_role("complementary")
    expect(details).to_contain_text("Rejected")
    expect(details).to_contain_text("<script>window.pwned = 1</script>")
    assert page.evaluate("window.pwned") is None


def test_a_state_shows_its_data_after_each_stage_with_what_changed(page: Any, server: Server) -> None:
    run = server.trigger("approve", ORDER)
    server.call("POST", "/workflows/tasks/success", {"token": server.asked(run), "output": {"by": "Grace", "floor": 3}})
    server.ended(run)
    page.goto(f"/console/runs/{run}?place=Approval")
    stages = page.locator(".stage-title")
    expect(stages).to_have_text(["Input", "InputPath", "Parameters", "Result", "ResultSelector", "ResultPath", "Output"])
    expect(page.get_by_role("region", name="Result", exact=True)).to_contain_text("floor")
    page.get_by_role("button", name=re.compile("^ResultSelector")).click()
    changes = page.get_by_role("region", name="ResultSelector, changes")
    expect(changes.locator(".removed")).to_contain_text("floor")
    expect(changes.locator(".added")).to_contain_text('"at"')
    page.locator(".section-head", has_text="ResultSelector").get_by_role("button", name="Value").click()
    expect(page.get_by_role("region", name="ResultSelector", exact=True)).to_contain_text("Grace")


def test_a_state_shows_what_its_function_logged(page: Any, server: Server) -> None:
    run = server.trigger("approve", ORDER)
    server.call("POST", "/workflows/tasks/success", {"token": server.asked(run), "output": {"by": "Grace"}})
    server.ended(run)
    page.goto(f"/console/runs/{run}?place=Send")
    log = page.get_by_role("region", name="Log")
    expect(log).to_contain_text("packing o-1")
    expect(log.locator(".log-line", has_text="warning")).to_contain_text("<script>alert('log')</script>")


def test_a_distributed_map_lists_the_runs_of_its_items(page: Any, server: Server) -> None:
    run = server.trigger("parcels", {"parcels": [{"sku": "broken" if number == 3 else f"p{number}"} for number in range(8)]})
    server.ended(run)
    page.goto(f"/console/runs/{run}?place=Parcels")
    expect(page.get_by_role("img", name="7 succeeded, 1 failed")).to_be_visible()
    children = page.locator(".split-side [data-run]")
    expect(children).to_have_count(8)
    children.filter(has_text="Failed").get_by_role("link").click()
    expect(page.locator(".page-head .status")).to_have_text("Failed")


def test_limits_of_a_map_run_are_changed_while_it_runs(page: Any, server: Server) -> None:
    run = server.trigger("parcels", {"parcels": [{"sku": f"p{number}", "takes": 2} for number in range(9)]})
    page.goto(f"/console/runs/{run}?place=Parcels")
    page.get_by_label("At once").fill("9")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.get_by_text("Limits changed")).to_be_visible()
    assert server.call("GET", f"/workflows/instances/{run}/map-runs")["items"][0]["maxConcurrency"] == 9
    server.ended(run)


def test_a_task_of_an_activity_is_listed_before_and_after_a_worker_takes_it(page: Any, server: Server) -> None:
    activity = server.aws("CreateActivity", name="pack")["activityArn"]
    states = {"Pack": {"Type": "Task", "Resource": activity, "End": True}}
    made = server.call("POST", "/workflows/definitions", {"name": "packing", "StartAt": "Pack", "States": states})
    run = server.trigger(made["id"], {"parcel": 7})
    page.goto(f"/console/inbox?run={run}")
    expect(page.locator(".task-row")).to_contain_text("activity, not taken")
    server.aws("GetActivityTask", activityArn=activity, workerName="Ann")
    expect(page.locator(".task-row")).to_contain_text("activity, taken")
    page.get_by_role("button", name="Send success").click()
    expect(page.get_by_text("This run waits for nothing")).to_be_visible()
    assert server.ended(run)["status"] == "COMPLETED"


def test_a_run_that_rests_at_a_wait_is_shown_below(page: Any, server: Server) -> None:
    states = {"Until spring": {"Type": "Wait", "Seconds": 90, "End": True}}
    made = server.call("POST", "/workflows/definitions", {"name": "hibernate", "StartAt": "Until spring", "States": states})
    page.goto("/console/inbox")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    run = server.trigger(made["id"], {})
    row = page.get_by_label("Waits").get_by_role("link", name="Until spring")
    expect(row).to_contain_text("90 s")
    row.click()
    expect(page.locator(".page-head .status")).to_have_text("Running")
    server.call("POST", f"/workflows/instances/{run}/cancel")
    server.call("DELETE", f"/workflows/definitions/{made['id']}")
