"""What a caller gives with a state machine or an activity besides its definition, checked in AWS's words.

None is what was not given.
"""

import re

from conductor_local.api.aws.arns import invalid
from conductor_local.api.aws.errors import AwsError
from conductor_local.payload import Json

TAGS_MAX = 50
Configuration = dict[str, Json]
_LOG_GROUP = re.compile(r"arn:aws[a-z-]*:logs:[a-z0-9-]+:[0-9]{12}:log-group:[\w./#-]{1,512}:\*", re.ASCII)
_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[^:\s]*:[^:\s]*:\S+")


def role_arn(params: dict[str, Json]) -> str | None:
    """Return the role, which only has to look like one: there are no roles here. Raises `AwsError` InvalidArn."""
    role = params.get("roleArn")
    if role is not None and not _ARN.fullmatch(role):
        raise invalid(f"Invalid ARN prefix: {role}")
    return role


def logging(params: dict[str, Json]) -> Configuration | None:
    """Raises `AwsError` InvalidLoggingConfiguration."""
    given = params.get("loggingConfiguration")
    if given is None:
        return None
    destinations = given.get("destinations") or []
    if len(destinations) > 1 or (not destinations and given.get("level", "OFF") != "OFF"):
        raise _invalid_logging("Must specify exactly one Log Destination.")
    for destination in destinations:
        if not _LOG_GROUP.fullmatch(destination.get("cloudWatchLogsLogGroup", {}).get("logGroupArn", "")):
            raise _invalid_logging("Log Destination not found.")
    return dict(given)


def tracing(params: dict[str, Json]) -> Configuration | None:
    """Traces go nowhere here."""
    return params.get("tracingConfiguration")


def encryption(params: dict[str, Json]) -> Configuration | None:
    """Nothing is encrypted here. Raises `AwsError` InvalidEncryptionConfiguration."""
    given = params.get("encryptionConfiguration")
    if given is None:
        return None
    is_own = given["type"] == "CUSTOMER_MANAGED_KMS_KEY"
    if is_own and "kmsKeyId" not in given:
        raise _invalid_encryption("kmsKeyId is required when type is CUSTOMER_MANAGED_KMS_KEY")
    if not is_own and len(given) > 1:
        raise _invalid_encryption("kmsKeyId and kmsDataKeyReusePeriodSeconds are for type CUSTOMER_MANAGED_KMS_KEY")
    return dict(given)


def version_description(params: dict[str, Json]) -> str | None:
    """Return the description of the version to publish. Raises `AwsError` ValidationException when none is to be published."""
    if "versionDescription" in params and not params.get("publish"):
        raise AwsError("ValidationException", "Version description can only be set when publish is true")
    return params.get("versionDescription")


def tags(given: list[dict[str, str]] | None, resource: str) -> dict[str, str]:
    """Return tags by key. Raises `AwsError` TooManyTags, ValidationException."""
    if any("key" not in tag for tag in given or ()):
        raise AwsError("ValidationException", "Every tag must have a key")
    return limited({tag["key"]: tag.get("value", "") for tag in given or ()}, resource)


def limited(tags: dict[str, str], resource: str) -> dict[str, str]:
    """Return the tags as they are. Raises `AwsError` TooManyTags."""
    if len(tags) > TAGS_MAX:
        text = f"A resource can have {TAGS_MAX} tags; this one would have {len(tags)}."
        raise AwsError("TooManyTags", text, resourceName=resource)
    return tags


def _invalid_logging(reason: str) -> AwsError:
    return AwsError("InvalidLoggingConfiguration", f"Invalid Logging Configuration: {reason}")


def _invalid_encryption(reason: str) -> AwsError:
    return AwsError("InvalidEncryptionConfiguration", f"Invalid Encryption Configuration: {reason}")
