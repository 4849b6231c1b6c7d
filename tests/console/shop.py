"""What the workflows beside this file call."""

import time
from typing import Any

from conductor_local.functions import function

Json = dict[str, Any]


class CardDeclinedError(Exception):
    """The bank said no."""


class BusyError(Exception):
    """Somebody else is served first."""


@function
def reserve(line: Json) -> Json:
    """Put one line of an order aside."""
    if line.get("sku") == "broken":
        raise ValueError("no such article: <script>alert('sku')</script>")
    time.sleep(line.get("takes", 0))
    return {"sku": line.get("sku"), "reserved": True}


@function
def charge(order: Json) -> Json:
    """Charge the card."""
    if order.get("card") == "declined":
        raise CardDeclinedError("<b>declined</b> by the bank")
    return {"receipt": "r-1"}


@function
def hesitate(order: Json, context: Any) -> Json:
    """Fail at the first two attempts."""
    if context.attempt < 3:
        raise BusyError(f"attempt {context.attempt}")
    return {"patience": context.attempt}


@function
def linger(order: Json) -> Json:
    """Take a while."""
    time.sleep(order.get("takes", 30))
    return {}


@function
def notify(event: Json, context: Any) -> None:
    """Tell somebody that an answer is wanted."""
    context.logger.info("asking about order %s", event["order"]["id"])


@function
def dispatch(order: Json, context: Any) -> Json:
    """Hand the order to the carrier."""
    context.logger.info("packing %s", order["prepared"]["id"])
    if order["prepared"]["total"] > 1_000:
        context.logger.warning("insured parcel: <script>alert('log')</script>")
    return {"parcel": f"P-{order['prepared']['id']}", "approvedBy": order["approval"]["by"]}
