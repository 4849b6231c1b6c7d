"""Calls of one AWS service by this process itself, for what it publishes there.

Rules: those of `aws_clients.py`; what may pass is told from what will not: a service that is away, slow or out of order is
`Unavailable`, a refusal is `InvalidRequest` with the service's code.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from urllib.parse import urlsplit

from conductor_local.errors import InvalidRequest, Unavailable
from conductor_local.functions.aws_clients import Answer, Clients, NoSuchOperation, ServiceError
from conductor_local.functions.guard import Raised
from conductor_local.functions.threads import Threads
from conductor_local.payload import Json

THREADS = 4
"""Calls at once; they only wait."""
_PASSING = frozenset({"ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"})


class Sender:
    """One service at one endpoint, in any region."""

    def __init__(self, service: str, endpoint: str, environ: Mapping[str, str]) -> None:
        self._service, self._endpoint, self._environ = service, endpoint, environ
        self._clients: dict[str, Clients] = {}
        self._threads = Threads(THREADS)

    async def __call__(self, operation: str, parameters: dict[str, Json], *, region: str) -> dict[str, Json]:
        """Make one call. Raises `Unavailable`, `InvalidRequest`."""
        clients = self._clients.setdefault(region, Clients(region, self._environ))
        call = partial(clients.call, self._service, self._endpoint, operation, parameters)
        job = self._threads.submit(f"{self._service} {operation}", call)
        try:
            await asyncio.wait((job.answer,))
            answer: Answer | Raised = job.answer.result()
        finally:
            if not job.answer.done():
                self._threads.abandon(job)
        if isinstance(answer, Raised):
            raise self._fault(operation, answer.error)
        return answer.fields

    def close(self) -> None:
        """Let go of the threads; calls under way are not waited for."""
        self._threads.close()

    def _fault(self, operation: str, error: BaseException) -> Exception:
        match error:
            case ServiceError() if error.status < 500 and error.code not in _PASSING:
                return InvalidRequest(error.message, code=error.code)
            case NoSuchOperation():
                return InvalidRequest(str(error), code="UnknownOperation")
            case _:
                place = urlsplit(self._endpoint).netloc.rpartition("@")[2]
                return Unavailable(f"{self._service} {operation} at {place}: {error}")
