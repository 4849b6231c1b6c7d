"""The one place that calls botocore, which is imported at the first call: it is large, and most processes never need it.

Rules: every client has an endpoint of the user's, and a request to any other host is not sent, whatever a redirect or a parameter
says; credentials are those of the environment or made up, never those of a profile; one attempt per call, for the workflow's own
Retry decides.
"""

import os
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from conductor_local.functions.aws_shapes import from_api, to_api
from conductor_local.functions.aws_wording import Fields

CONNECT_S, READ_S = 5.0, 60.0
CONNECTIONS_MAX = 32
MADE_UP = "conductor"  # what stand-ins for AWS want to see, and no secret
_NO_PROFILES = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
"""botocore's variables in its form (setting, environment, default, conversion): the user's files are not read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an API gave; `headers` are those of HTTP."""

    fields: Fields
    status: int
    request_id: str
    headers: dict[str, str]


class ServiceError(Exception):
    """The service refused. `is_described`: the API has an exception of its own for it, called `code`."""

    def __init__(
        self, code: str, message: str, status: int, request_id: str, extended_id: str | None, *, is_described: bool
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.code, self.message, self.status = code, message, status
        self.request_id, self.extended_id, self.is_described = request_id, extended_id, is_described


class NoSuchOperation(Exception):
    """There is no such service or operation; the text says which."""


class Clients:
    """Clients by service and endpoint, made once. For use in threads."""

    def __init__(self, region: str, environ: Mapping[str, str]) -> None:
        self._region, self._environ = region, environ
        self._clients: dict[tuple[str, str], Any] = {}
        self._session: Any = None
        self._lock = threading.Lock()

    def service_id(self, service: str) -> str:
        """Return what the service calls itself, such as "Secrets Manager". Raises `NoSuchOperation`."""
        with self._lock:
            return str(self._model(service).service_id)

    def described(self, service: str, operation: str) -> Any:
        """Return botocore's description of an operation. Raises `NoSuchOperation`."""
        with self._lock:
            model = self._model(service)
        if operation not in model.operation_names:
            raise _no_operation(service, operation)
        return model.operation_model(operation)

    def call(self, service: str, endpoint: str, operation: str, parameters: Fields) -> Answer:
        """Make one call. Raises `ServiceError`, `NoSuchOperation`, and whatever botocore raises on the way."""
        client = self._client(service, endpoint)
        model = client.meta.service_model
        if operation not in model.operation_names:
            raise _no_operation(service, operation)
        described = model.operation_model(operation)
        method = {api: python for python, api in client.meta.method_to_api_mapping.items()}[operation]
        try:
            given = getattr(client, method)(**to_api(parameters, described.input_shape))
        except import_module("botocore.exceptions").ClientError as error:
            raise _refusal(error.response, model, described) from None
        metadata = given.pop("ResponseMetadata", {})
        headers = {str(name): str(value) for name, value in metadata.get("HTTPHeaders", {}).items()}
        fields: Fields = from_api(given, described.output_shape)
        return Answer(fields, metadata.get("HTTPStatusCode", 200), metadata.get("RequestId", ""), headers)

    def _client(self, service: str, endpoint: str) -> Any:
        with self._lock:
            if (service, endpoint) not in self._clients:
                self._model(service)
                self._clients[service, endpoint] = self._new_client(service, endpoint)
            return self._clients[service, endpoint]

    def _model(self, service: str) -> Any:
        if self._session is None:
            self._session = import_module("botocore.session").Session(session_vars=_NO_PROFILES)
        try:
            return self._session.get_service_model(service)
        except import_module("botocore.exceptions").UnknownServiceError:
            raise NoSuchOperation(f"There is no AWS service '{service}'") from None

    def _new_client(self, service: str, endpoint: str) -> Any:
        config = import_module("botocore.config").Config(
            connect_timeout=CONNECT_S, read_timeout=READ_S, retries={"total_max_attempts": 1}, parameter_validation=False,
            max_pool_connections=CONNECTIONS_MAX, proxies={}, s3={"addressing_style": "path"},
        )  # fmt: skip
        client = self._session.create_client(
            service, region_name=self._region, endpoint_url=endpoint, config=config,
            aws_access_key_id=self._environ.get("AWS_ACCESS_KEY_ID") or MADE_UP,
            aws_secret_access_key=self._environ.get("AWS_SECRET_ACCESS_KEY") or MADE_UP,
            aws_session_token=self._environ.get("AWS_SESSION_TOKEN") or None,
        )  # fmt: skip
        client.meta.events.register_first("before-send", partial(_stay_at, urlsplit(endpoint).netloc))
        return client


def _no_operation(service: str, operation: str) -> NoSuchOperation:
    return NoSuchOperation(f"The service '{service}' has no action '{operation[:1].lower()}{operation[1:]}'")


class Astray(Exception):
    """A request would have gone to another host than the endpoint."""


def _stay_at(netloc: str, request: Any, **_: Any) -> None:
    asked = urlsplit(request.url).netloc
    if asked != netloc:
        raise Astray(f"The call would have gone to {asked} and not to the endpoint that is set, {netloc}; it was not made")


def plain_message(message: str) -> str:
    """Return the message of an error; of a page, which a server sends when something is wrong with itself, the title."""
    if not message.lstrip().lower().startswith(("<!doctype", "<html")):
        return message
    title = re.search(r"<title>(.*?)</title>", message, re.DOTALL | re.IGNORECASE)
    return f"The endpoint answered with a page: {title[1].strip() if title else 'without a title'}"


def _refusal(response: Any, model: Any, operation: Any) -> ServiceError:
    error, metadata = response.get("Error", {}), response.get("ResponseMetadata", {})
    code, message = str(error.get("Code", "Unknown")), plain_message(str(error.get("Message", "")))
    shape = next((each for each in operation.error_shapes if code in (each.error_code, each.name)), None)
    shape = shape or model.shape_for_error_code(code)
    query_code = str(error.get("QueryErrorCode", ""))
    if shape is None and query_code:  # SQS still tells its old code, and describes the new one
        shape = next((each for each in operation.error_shapes if each.name == query_code), None)
    return ServiceError(
        code if shape is None else str(shape.name),
        message,
        metadata.get("HTTPStatusCode", 400),
        metadata.get("RequestId", ""),
        metadata.get("HostId") or None,
        is_described=shape is not None,
    )
