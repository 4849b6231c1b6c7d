"""The settings of Kafka: what the client is made with, and what is refused with a word on what to do."""

from collections.abc import Callable
from pathlib import Path

import pytest

from conductor_local.errors import SettingsError
from conductor_local.runtime.kafka_settings import KafkaSettings, read_brokers, read_properties, read_protocol


def test_a_broker_is_enough() -> None:
    assert KafkaSettings(brokers="a:9092").client_properties() == {
        "bootstrap.servers": "a:9092", "client.id": "conductor", "security.protocol": "plaintext",
    }  # fmt: skip


def test_every_setting_passes_through(tmp_path: Path) -> None:
    (ca := tmp_path / "ca.pem").touch()
    settings = KafkaSettings(
        brokers="a:9092,b:9092", client_id="me", security_protocol="sasl_ssl", sasl_mechanism="SCRAM-SHA-512", sasl_username="u",
        sasl_password="p", ssl_ca=ca, properties=(("linger.ms", "20"),),
    )  # fmt: skip
    assert settings.client_properties() == {
        "bootstrap.servers": "a:9092,b:9092", "client.id": "me", "security.protocol": "sasl_ssl", "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "u", "sasl.password": "p", "ssl.ca.location": str(ca), "linger.ms": "20",
    }  # fmt: skip


def test_secrets_are_not_shown() -> None:
    settings = KafkaSettings(brokers="a", sasl_password="hunter2", properties=(("ssl.key.password", "hunter3"),))
    assert "hunter" not in repr(settings)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (KafkaSettings(brokers="a", sasl_username="u"), "KAFKA_SASL_… is set but KAFKA_SECURITY_PROTOCOL is plaintext"),
        (KafkaSettings(brokers="a", ssl_ca=Path("/")), "KAFKA_SSL_CA is set, but KAFKA_SECURITY_PROTOCOL is plaintext"),
        (
            KafkaSettings(brokers="a", security_protocol="ssl", ssl_ca=Path("/no/ca.pem")),
            "KAFKA_SSL_CA names /no/ca.pem, and nothing",
        ),
        (KafkaSettings(brokers="a", properties=(("acks", "0"),)), "KAFKA_PROPERTIES must not set acks"),
    ],
)
def test_what_would_be_ignored_is_refused(settings: KafkaSettings, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        settings.client_properties(owned={"acks"})


def test_brokers_are_a_list_with_commas() -> None:
    assert read_brokers(" a:9092 , [::1]:9093,b") == "a:9092,[::1]:9093,b"


def test_a_protocol_may_be_in_capitals() -> None:
    assert read_protocol("SASL_SSL") == "sasl_ssl"


def test_properties_are_pairs_and_a_comma_can_be_part_of_one() -> None:
    assert read_properties(r"linger.ms=20, a.b=x=1\,y=2") == (("linger.ms", "20"), ("a.b", "x=1,y=2"))


@pytest.mark.parametrize(
    ("read", "text", "allowed"),
    [
        (read_brokers, "http://a:9092", "host:port"),
        (read_brokers, ",", "host:port"),
        (read_protocol, "tls", "sasl_ssl"),
        (read_properties, "linger.ms", "name=value"),
        (read_properties, "LINGER=1", "name=value"),
        (read_properties, "linger.ms=1,linger.ms=2", "linger.ms is there twice"),
        (read_properties, "sasl.password=x", "set with KAFKA_SASL_PASSWORD"),
    ],
)
def test_a_wrong_value_is_told_with_what_is_allowed(read: Callable[[str], object], text: str, allowed: str) -> None:
    with pytest.raises(ValueError, match=allowed):
        read(text)
