"""ValidateStateMachineDefinition: what is wrong with a definition, without making a machine of it."""

from conductor_local.api.aws.call import Call
from conductor_local.language.asl import Diagnostic, Identity, diagnose
from conductor_local.payload import Json

RESULTS_MAX = 100


async def validate_state_machine_definition(call: Call) -> dict[str, Json]:
    """Return the diagnostics in AWS's order, errors alone unless warnings are asked for; one error is enough for FAIL."""
    params = call.params
    identity = Identity(
        partition=call.partition, region=call.region, account=call.account, is_express=params.get("type") == "EXPRESS"
    )  # fmt: skip
    found = diagnose(params["definition"], identity)
    wanted = {"error", "warning"} if params.get("severity") == "WARNING" else {"error"}
    shown = [_shown(one) for one in found if one.severity in wanted]
    limit = params.get("maxResults") or RESULTS_MAX
    return {
        "result": "FAIL" if any(one.severity == "error" for one in found) else "OK",
        "diagnostics": shown[:limit],
        "truncated": len(shown) > limit,
    }


def _shown(diagnostic: Diagnostic) -> dict[str, Json]:
    location = {} if diagnostic.location is None else {"location": diagnostic.location}
    return {"severity": diagnostic.severity.upper(), "code": diagnostic.code, "message": diagnostic.message, **location}
