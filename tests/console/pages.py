"""Every page of the console, and the runs it is shown with."""

from tests.console.server import Server

LINES = [{"sku": f"sku-{number}"} for number in range(6)]
PAGES = {
    "workflows": "/console/workflows",
    "workflow": "/console/workflows/{order}",
    "workflow-state": "/console/workflows/{approve}?place=Approval",
    "source": "/console/workflows/{order}?tab=source",
    "workflow-runs": "/console/workflows/{order}?tab=runs",
    "new": "/console/workflows/new",
    "runs": "/console/runs",
    "runs-none": "/console/runs?text=nothing-has-this",
    "run": "/console/runs/{good}?place=prepare/1/ask",
    "run-whole": "/console/runs/{caught}",
    "run-caught": "/console/runs/{caught}?place=charge",
    "run-stages": "/console/runs/{approved}?place=Approval",
    "run-log": "/console/runs/{approved}?place=Send",
    "run-map": "/console/runs/{map}?place=Each%20line&item=Each%20line:700",
    "run-children": "/console/runs/{parcels}?place=Parcels",
    "run-live": "/console/runs/{live}",
    "run-asking": "/console/runs/{asking}?place=Approval",
    "timeline": "/console/runs/{good}?view=timeline&place=charge",
    "states": "/console/runs/{good}?view=states&place=prepare",
    "history": "/console/runs/{map}?view=history&event=40",
    "inbox": "/console/inbox",
    "functions": "/console/functions",
    "events": "/console/events",
}


def fill(server: Server) -> dict[str, str]:
    """Let every kind of run happen; return what the addresses need."""
    others = [
        *(server.trigger("sample-user-signup", {"email": f"ada{number}@example.com", "password": "x"}) for number in range(4)),
        *(server.trigger("order", {"total": total, "lines": LINES[:2]}) for total in (2, 40, 60)),
    ]
    broken = [{"sku": "broken" if number == 700 else f"s{number}"} for number in range(1_000)]
    parcels = [{"sku": "broken" if number % 5 == 3 else f"p{number}"} for number in range(12)]
    runs = {
        "good": server.trigger("order", {"total": 20, "lines": LINES}),
        "caught": server.trigger("order", {"total": 20, "lines": LINES, "card": "declined"}),
        "map": server.trigger("ship", {"lines": broken}),
        "parcels": server.trigger("parcels", {"parcels": parcels}),
        "approved": server.trigger("approve", {"customer": "Ada", "order": {"id": "o-1815", "total": 2_000}}),
    }
    server.call(
        "POST", "/workflows/tasks/success", {"token": server.asked(runs["approved"]), "output": {"by": "Grace", "floor": 3}}
    )
    for run in [*others, *runs.values()]:
        server.ended(run)
    asking = [
        server.trigger("approve", {"customer": name, "order": {"id": f"o-{name}", "total": 90}}) for name in ("Alan", "Edsger")
    ]
    for run in asking:
        server.asked(run)
    found = {one["name"]: one["id"] for one in server.call("GET", "/workflows/definitions")}
    live = server.trigger("slow", {"takes": 60})
    return {**runs, "live": live, "asking": asking[0], "order": found["order"], "approve": found["approve"]}
