"""How Kafka is reached, for every adapter that speaks to it: the settings `KAFKA_…` and what Kafka's client library makes of them.

Rules: a setting that has a variable of its own is not also taken from `KAFKA_PROPERTIES`; what an adapter's promise rests on is
no setting; what contradicts itself is a `SettingsError`, for the library would ignore it. Secrets are not in `repr`.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from conductor_local.errors import SettingsError

PROTOCOLS = ("plaintext", "ssl", "sasl_plaintext", "sasl_ssl")
_OWN_VARIABLE = {
    "bootstrap.servers": "KAFKA_BROKER", "metadata.broker.list": "KAFKA_BROKER", "client.id": "KAFKA_CLIENT_ID",
    "group.id": "KAFKA_GROUP_ID", "security.protocol": "KAFKA_SECURITY_PROTOCOL", "sasl.mechanism": "KAFKA_SASL_MECHANISM",
    "sasl.mechanisms": "KAFKA_SASL_MECHANISM", "sasl.username": "KAFKA_SASL_USERNAME", "sasl.password": "KAFKA_SASL_PASSWORD",
    "ssl.ca.location": "KAFKA_SSL_CA",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class KafkaSettings:
    """`brokers` is a list with commas; `properties` are librdkafka's, by its names, for whatever has no field here."""

    brokers: str
    client_id: str = "conductor"
    security_protocol: str = "plaintext"
    sasl_mechanism: str | None = None
    sasl_username: str | None = None
    sasl_password: str | None = field(default=None, repr=False)
    ssl_ca: Path | None = None
    properties: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def client_properties(self, *, owned: Collection[str] = ()) -> dict[str, str]:
        """Return what a client is made with; `owned` are names that the adapter sets itself. Raises `SettingsError`."""
        self._check(owned)
        named = {
            "bootstrap.servers": self.brokers, "client.id": self.client_id, "security.protocol": self.security_protocol,
            "sasl.mechanism": self.sasl_mechanism, "sasl.username": self.sasl_username, "sasl.password": self.sasl_password,
            "ssl.ca.location": None if self.ssl_ca is None else str(self.ssl_ca),
        }  # fmt: skip
        return {**dict(self.properties), **{name: value for name, value in named.items() if value is not None}}

    def _check(self, owned: Collection[str]) -> None:
        for name, _ in self.properties:
            if name in owned:
                raise SettingsError(f"KAFKA_PROPERTIES must not set {name}: the order and safety of events rest on it. Remove it.")
        sasl = (self.sasl_mechanism, self.sasl_username, self.sasl_password)
        if any(sasl) and not self.security_protocol.startswith("sasl_"):
            raise SettingsError(
                f"KAFKA_SASL_… is set but KAFKA_SECURITY_PROTOCOL is {self.security_protocol}. Make it sasl_ssl or sasl_plaintext."
            )
        if self.ssl_ca and not self.ssl_ca.exists():
            raise SettingsError(f"KAFKA_SSL_CA names {self.ssl_ca}, and nothing is there. Name a file of PEM certificates.")
        if self.ssl_ca and not self.security_protocol.endswith("ssl"):
            raise SettingsError(
                f"KAFKA_SSL_CA is set, but KAFKA_SECURITY_PROTOCOL is {self.security_protocol}. Set it to ssl or sasl_ssl."
            )


# --- readers of variables: text -> value, raising ValueError with what is allowed ----------------------------------------------


def read_brokers(text: str) -> str:
    """Read KAFKA_BROKER."""
    brokers = [part.strip() for part in text.split(",") if part.strip()]
    if not brokers or not all(re.fullmatch(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?", each) for each in brokers):
        raise ValueError("host:port, or several with commas between them, such as localhost:9092")
    return ",".join(brokers)


def read_protocol(text: str) -> str:
    """Read KAFKA_SECURITY_PROTOCOL, in capitals or not."""
    if text.lower() not in PROTOCOLS:
        raise ValueError(" or ".join(PROTOCOLS))
    return text.lower()


def read_properties(text: str) -> tuple[tuple[str, str], ...]:
    r"""Read KAFKA_PROPERTIES: `name=value` with commas between them; a comma inside a value is written `\,`."""
    found: dict[str, str] = {}
    for part in re.split(r"(?<!\\),", text):
        name, equals, value = (each.strip() for each in part.partition("="))
        if not equals or not re.fullmatch(r"[a-z][a-z0-9._]*", name):
            raise ValueError(
                "librdkafka's properties as name=value with commas between them, such as linger.ms=20,compression.type=lz4"
            )
        if name in _OWN_VARIABLE:
            raise ValueError(f"properties without {name}, which is set with {_OWN_VARIABLE[name]}")
        if name in found:
            raise ValueError(f"each property once, and {name} is there twice")
        found[name] = value.replace("\\,", ",")
    return tuple(found.items())
