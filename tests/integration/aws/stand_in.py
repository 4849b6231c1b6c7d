"""Stand-ins for the services that executions are told to: moto, which a test can take away and bring back with all it has."""

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest

from .conftest import REGION

PATIENCE_S = 20.0
GROUP = "/aws/vendedlogs/states/orders"
GROUP_ARN = f"arn:aws:logs:{REGION}:111111111111:log-group:{GROUP}:*"


class StandIn:
    """A server of moto in this process; what it holds survives its absence."""

    def __init__(self) -> None:
        self._module = pytest.importorskip("moto.server", reason="moto is not installed: pip install 'moto[server]'")
        self._running: Any = None
        self.port = 0
        self.arrive()
        urlopen(Request(f"{self.url}/moto-api/reset", method="POST"), timeout=PATIENCE_S).close()

    @property
    def url(self) -> str:
        """Where it is, or was."""
        return f"http://127.0.0.1:{self.port}"

    def arrive(self) -> None:
        """Answer from now on."""
        self._running = self._module.ThreadedMotoServer(ip_address="127.0.0.1", port=self.port, verbose=False)
        self._running.start()
        _, self.port = self._running.get_host_and_port()

    def leave(self) -> None:
        """Answer no more: connections are refused."""
        if self._running is not None:
            self._running.stop()
            self._running = None

    def client(self, service: str) -> Any:
        """Return a client of one of its services."""
        return boto3.session.Session().client(
            service, endpoint_url=self.url, region_name=REGION, aws_access_key_id="any", aws_secret_access_key="any"
        )

    def logged(self, group: str = GROUP) -> list[dict[str, Any]]:
        """Return the records in a log group, in the order of their streams."""
        client = self.client("logs")
        streams = [each["logStreamName"] for each in client.describe_log_streams(logGroupName=group)["logStreams"]]
        assert all(stream.startswith("states/") for stream in streams)
        events = [
            event
            for stream in streams
            for event in client.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)["events"]
        ]
        for event in events:
            assert str(event["timestamp"]) == json.loads(event["message"])["event_timestamp"]
        return [json.loads(event["message"]) for event in events]

    def watch_changes(self) -> Callable[[], list[dict[str, Any]]]:
        """Lead the status changes of executions into a queue; returns what gives all that have arrived so far."""
        queue, events = self.client("sqs"), self.client("events")
        url = queue.create_queue(QueueName="changes")["QueueUrl"]
        arn = queue.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        events.put_rule(Name="changes", EventPattern=json.dumps({"source": ["aws.states"]}))
        events.put_targets(Rule="changes", Targets=[{"Id": "queue", "Arn": arn}])
        found: list[dict[str, Any]] = []

        def arrived() -> list[dict[str, Any]]:
            while messages := queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
                for message in messages:
                    found.append(json.loads(message["Body"]))
                    queue.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return found

        return arrived


def until(happened: Callable[[], Any], patience_s: float = PATIENCE_S) -> Any:
    """Return what `happened` gives as soon as that is something."""
    end = time.monotonic() + patience_s
    while not (found := happened()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
    return found
