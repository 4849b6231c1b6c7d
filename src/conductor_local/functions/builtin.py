"""The five functions of the sample workflow, with simulated times.

Rules: time comes in as `now` and `sleep`; ids come from the idempotency key, so that a call repeated after a crash gives the same
one; nothing here logs.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from hashlib import blake2b

from conductor_local.functions.context import Context
from conductor_local.functions.registry import Function, describe
from conductor_local.payload import Json
from conductor_local.runtime.views import timestamp

Now = Callable[[], datetime]
Sleep = Callable[[float], Awaitable[None]]
Fields = dict[str, Json]


def builtin_functions(time_scale: float, *, now: Now, sleep: Sleep) -> list[Function]:
    """Return the functions. Simulated seconds times `time_scale` (0: none) are handed to `sleep`; `now` gives aware UTC."""

    async def work(seconds: float) -> None:
        if time_scale > 0:
            await sleep(seconds * time_scale)

    async def validate_user_data(payload: Json) -> Fields:
        """Check that a new user has an email and a password."""
        await work(0.5)
        user = _fields(payload)
        if not (user.get("email") and user.get("password")):
            raise ValueError("Validation Error: Email and password are required.")
        return {**user, "validated": True, "validationTimestamp": timestamp(now())}

    async def create_user_in_db(payload: Json, context: Context) -> Fields:
        """Give a validated user an id."""
        await work(1.0)
        user = _fields(payload)
        if not user.get("validated"):
            raise ValueError("User data not validated before DB creation attempt.")
        return {**user, "userId": f"user_{_id(context.idempotency_key)}", "dbTimestamp": timestamp(now())}

    async def send_welcome_email(payload: Json) -> Fields:
        """Welcome a created user."""
        await work(0.7)
        user = _fields(payload)
        if not (user.get("userId") and user.get("email")):
            raise ValueError("Cannot send email without userId and email.")
        return {**user, "emailSent": True, "emailSentTimestamp": timestamp(now())}

    async def log_analytics(payload: Json) -> Fields:
        """Note that something happened."""
        await work(0.3)
        return {**_fields(payload), "analyticsLogged": True}

    async def make_external_api_call(payload: Json) -> Fields:
        """Stand in for a call to a service outside."""
        await work(1.2)
        return {**_fields(payload), "externalResponse": {"status": 200, "data": "mock_api_response"}}

    named: dict[str, Callable[..., Awaitable[Fields]]] = {
        "validateUserData": validate_user_data,
        "createUserInDB": create_user_in_db,
        "sendWelcomeEmail": send_welcome_email,
        "logAnalytics": log_analytics,
        "makeExternalApiCall": make_external_api_call,
    }
    return [describe(target, name=name, is_builtin=True) for name, target in named.items()]


def _fields(payload: Json) -> Fields:
    """What is not an object has no fields, as when the prototype spread it."""
    return payload if isinstance(payload, dict) else {}


def _id(key: str) -> str:
    return blake2b(key.encode(), digest_size=6).hexdigest()
