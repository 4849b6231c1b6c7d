"""GetExecutionHistory."""

from conductor_local.api.aws.call import Call
from conductor_local.api.aws.found import find
from conductor_local.api.aws.history import history
from conductor_local.api.aws.paging import cursor, invalid_token, next_token, results_max
from conductor_local.payload import Json


async def get_execution_history(call: Call) -> dict[str, Json]:
    """Show what happened, oldest first or newest first. The history that a page was cut from may have grown since."""
    found = await find(call, call.params["executionArn"])
    events = history(
        await call.service.all_events(found.head.id),
        machine=found.machine,
        include_data=call.params.get("includeExecutionData", True),
    )
    is_reverse = call.params.get("reverseOrder", False)
    if is_reverse:
        events.reverse()
    if (last := cursor(call)) is not None:
        if not isinstance(last, int):
            raise invalid_token()
        events = [event for event in events if (event["id"] < last if is_reverse else event["id"] > last)]
    wanted = results_max(call)
    more = next_token(call, events[wanted - 1]["id"]) if len(events) > wanted else {}
    return {"events": events[:wanted], **more}
