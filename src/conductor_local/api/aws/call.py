"""One request to AWS's API as an operation sees it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from conductor_local.api.aws.arns import Scope
from conductor_local.payload import Json
from conductor_local.runtime.service import Service
from conductor_local.runtime.settings import Settings

_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`params` has passed the checks of the service model, and holds only members that the model knows.

    Region and account are those of the caller's credential scope; `at` is when the request came.
    """

    service: Service
    settings: Settings
    params: dict[str, Json]
    region: str
    account: str
    partition: str = "aws"
    operation: str = ""
    at: datetime = _EPOCH

    @property
    def scope(self) -> Scope:
        """Where the things are that this call makes."""
        return Scope(self.partition, self.region, self.account)
