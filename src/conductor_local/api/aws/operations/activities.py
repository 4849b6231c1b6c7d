"""Activities: CreateActivity, DeleteActivity, DescribeActivity, ListActivities."""

from conductor_local.api.aws import configurations as given
from conductor_local.api.aws.arns import ActivityArn, check_name, parse
from conductor_local.api.aws.call import Call
from conductor_local.api.aws.errors import AwsError
from conductor_local.api.aws.paging import page
from conductor_local.errors import Conflict, NotFound
from conductor_local.payload import Json
from conductor_local.runtime.activities import Activity


async def create_activity(call: Call) -> dict[str, Json]:
    """Create an activity; one of that name is returned as it is."""
    params = call.params
    arn = ActivityArn(call.scope, check_name(params["name"]))
    tags, encryption = given.tags(params.get("tags"), str(arn)), given.encryption(params)
    try:
        activity = await call.service.activities.create(str(arn), arn.name, tags=tags, encryption=encryption)
    except Conflict:
        raise AwsError("ActivityAlreadyExists", f"Activity Already Exists: '{arn}'") from None
    return {"activityArn": activity.arn, "creationDate": activity.created_at}


async def delete_activity(call: Call) -> dict[str, Json]:
    """Delete an activity; one that is not there is no mistake."""
    await call.service.activities.delete(str(parse(call.params["activityArn"], ActivityArn)))
    return {}


async def describe_activity(call: Call) -> dict[str, Json]:
    """Tell all about an activity."""
    activity = await existing_activity(call, call.params["activityArn"])
    encryption = {} if activity.encryption is None else {"encryptionConfiguration": activity.encryption}
    return {**_shown(activity), **encryption}


async def list_activities(call: Call) -> dict[str, Json]:
    """List the activities of the caller's region and account, by name."""
    scope = call.scope.text(ActivityArn.kind, "")
    found = [activity for activity in await call.service.activities.all() if activity.arn.startswith(scope)]
    shown, more = page(call, sorted(found, key=_name), _name)
    return {"activities": [_shown(activity) for activity in shown], **more}


async def existing_activity(call: Call, text: str) -> Activity:
    """Return the activity of that ARN. Raises `AwsError` InvalidArn, ActivityDoesNotExist."""
    arn = parse(text, ActivityArn)
    try:
        return await call.service.activities.find(str(arn))
    except NotFound:
        raise AwsError("ActivityDoesNotExist", f"Activity Does Not Exist: '{text}'") from None


def _shown(activity: Activity) -> dict[str, Json]:
    return {"activityArn": activity.arn, "name": activity.name, "creationDate": activity.created_at}


def _name(activity: Activity) -> str:
    return activity.name
