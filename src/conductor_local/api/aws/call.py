"""One request to AWS's API as an operation sees it."""

from dataclasses import dataclass

from conductor_local.payload import Json
from conductor_local.runtime.service import Service
from conductor_local.runtime.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`params` has passed the checks of the service model. Region and account are those of the caller's credential scope."""

    service: Service
    settings: Settings
    params: dict[str, Json]
    region: str
    account: str
    partition: str = "aws"
