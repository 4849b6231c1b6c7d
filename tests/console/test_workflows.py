"""The pages of workflows, against a real server in a real browser."""

import json
import re
from typing import Any

from playwright.sync_api import expect
from tests.console.server import Server


def write(page: Any, text: str) -> None:
    """Replace what the editor shows."""
    page.locator(".cm-content").first.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def test_the_list_shows_how_the_last_runs_went_and_goes_on_by_itself(page: Any, server: Server) -> None:
    page.goto("/")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="slow", exact=True))
    expect(row).to_be_visible()
    before = row.locator(".strip .tone-ok").count()
    server.ended(server.trigger("slow", {"takes": 0}))
    expect(row.locator(".strip .tone-ok")).to_have_count(before + 1)
    expect(page.get_by_text("Live", exact=True)).to_be_visible()


def test_a_workflow_is_written_with_an_error_mended_run_and_deleted(page: Any) -> None:
    page.goto("/console/workflows/new")
    write(page, '{\n  "name": "typed",\n  "startAt": "gone",\n  "steps": {"a": {"type": "succeed"}}\n}')
    problem = page.locator(".problem", has_text="gone")
    expect(problem.locator(".place")).to_have_text("3:14")
    expect(page.locator(".cm-lintRange-error")).to_have_count(1)
    expect(page.get_by_role("button", name="Create")).to_be_disabled()
    write(page, '{\n  "name": "typed",\n  "startAt": "a",\n  "steps": {"a": {"type": "succeed"}}\n}')
    expect(page.get_by_text("No problems")).to_be_visible()
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="typed")).to_be_visible()
    page.keyboard.press("t")
    write(page, '{"n": 12345678901234567890}')
    page.get_by_role("dialog").get_by_role("button", name="Run", exact=True).click()
    expect(page.locator(".page-head .status")).to_have_text("Completed")
    expect(page.locator(".json .number").first).to_have_text("12345678901234567890")
    page.get_by_role("link", name="typed").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page).to_have_url(re.compile("/console/workflows$"))
    expect(page.get_by_role("link", name="typed", exact=True)).to_have_count(0)


def test_text_that_is_not_json_yet_has_a_place_too(page: Any) -> None:
    page.goto("/console/workflows/new")
    write(page, '{\n  "name": oops\n}')
    expect(page.locator(".problem .place").first).to_have_text("2:11")


def test_saving_drops_the_fields_that_were_taken_out(page: Any, server: Server) -> None:
    lean = {"name": "lean", "startAt": "a", "steps": {"a": {"type": "succeed"}}}
    made = server.call("POST", "/workflows/definitions", {**lean, "description": "old"})
    page.goto(f"/console/workflows/{made['id']}?tab=source")
    write(page, json.dumps(lean))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("As stored")).to_be_visible()
    assert "description" not in server.call("GET", f"/workflows/definitions/{made['id']}")


def test_a_definition_full_of_markup_stays_text(page: Any, server: Server) -> None:
    evil = "<script>window.pwned = 1</script><img src=x onerror='window.pwned = 2'>"
    document = {"name": evil, "description": evil, "startAt": evil, "steps": {evil: {"type": "pass", "name": evil, "result": evil}}}
    made = server.call("POST", "/workflows/definitions", document)
    run = server.trigger(made["id"], {evil: evil})
    workflow = f"/console/workflows/{made['id']}"
    for address in (workflow, f"{workflow}?tab=source", "/", f"/console/runs/{run}", "/console/runs"):
        page.goto(address)
        expect(page.locator("h1, td, .crumbs").filter(has_text="<script>").first).to_be_visible()
        assert page.evaluate("window.pwned") is None
    server.call("DELETE", f"/workflows/definitions/{made['id']}")


def test_a_workflow_shows_its_versions_aliases_last_runs_and_the_source_of_a_state(page: Any, server: Server) -> None:
    run = server.trigger("approve", {"order": {"id": "o-1", "total": 1}})
    machine = next(one["stateMachineArn"] for one in server.aws("ListStateMachines")["stateMachines"] if one["name"] == "approve")
    version = server.aws("PublishStateMachineVersion", stateMachineArn=machine, description="<b>first</b>")[
        "stateMachineVersionArn"
    ]
    route = {"stateMachineVersionArn": version, "weight": 100}
    server.aws("CreateStateMachineAlias", name="live", description="What customers get", routingConfiguration=[route])
    definition = server.call("GET", f"/workflows/instances/{run}")["workflowDefinitionId"]
    page.goto(f"/console/workflows/{definition}")
    details = page.get_by_role("complementary")
    expect(details.locator(".version-row", has_text="live")).to_contain_text("version 1")
    expect(details).to_contain_text("<b>first</b>")
    expect(details.locator(f'[data-run="{run}"]')).to_contain_text("Running")
    page.locator(".g-node").filter(has=page.get_by_text("Approval", exact=True)).click()
    expect(details.get_by_label("Definition")).to_contain_text("waitForTaskToken")
    server.call("POST", f"/workflows/instances/{run}/cancel")
