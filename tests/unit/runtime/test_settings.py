"""Settings: the order of sources, and what is said when a value is wrong."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from conductor_local.errors import SettingsError
from conductor_local.runtime.settings import Settings, check_worker, is_loopback, load_settings, parse_env


def load(environ: Mapping[str, str] | None = None, *, env_file: Path | None = None, **flags: object) -> Settings:
    return load_settings(flags, environ=environ or {}, env_file=env_file)


def refusal(environ: Mapping[str, str] | None = None, *, env_file: Path | None = None, **flags: object) -> str:
    with pytest.raises(SettingsError) as caught:
        load(environ, env_file=env_file, **flags)
    return caught.value.message


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def test_without_any_source_the_defaults_hold() -> None:
    settings = load()
    assert settings == Settings()
    assert (settings.host, settings.port, settings.data) == ("127.0.0.1", 3000, Path(".conductor/conductor.db"))
    assert settings.sample
    assert settings.is_loopback


def test_a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default(env_file: Path) -> None:
    env_file.write_text("PORT=1\nCONDUCTOR_TIME_SCALE=0.5\nCONDUCTOR_LOST_TASKS=fail\n")
    environ = {"PORT": "2", "CONDUCTOR_TIME_SCALE": "0.25"}
    settings = load(environ, env_file=env_file, port=3)
    assert (settings.port, settings.time_scale, settings.lost_tasks, settings.durability) == (3, 0.25, "fail", "full")


def test_an_empty_value_and_a_missing_flag_mean_not_set(env_file: Path) -> None:
    env_file.write_text("REDIS_HOST=\nPORT=''\n")
    assert load({"KAFKA_BROKER": "", "HOST": ""}, env_file=env_file, port=None) == Settings()


def test_a_missing_file_is_no_error(tmp_path: Path) -> None:
    assert load(env_file=tmp_path / "nowhere") == Settings()


def test_lists_are_split_as_the_system_splits_paths() -> None:
    settings = load({"CONDUCTOR_FUNCTIONS": f"a.py{os.pathsep}b", "CONDUCTOR_ALLOWED_HOSTS": "one.test, two.test"})
    assert settings.functions == ("a.py", "b")
    assert settings.allowed_hosts == ("one.test", "two.test")
    assert load(functions=("x.py", "y.py"), allowed_hosts=("z.test",)).functions == ("x.py", "y.py")


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("PORT", "70000", "a whole number from 0 to 65535"),
        ("PORT", "three", "a whole number"),
        ("PORT", "-1", "a whole number"),
        ("HOST", "http://localhost", "a host name or an IP address"),
        ("CONDUCTOR_DURABILITY", "fast", '"full" or "normal"'),
        ("CONDUCTOR_LOST_TASKS", "RERUN", '"rerun" or "fail"'),
        ("CONDUCTOR_TIME_SCALE", "nan", "a number from 0"),
        ("CONDUCTOR_TIME_SCALE", "-0.1", "a number from 0"),
        ("CONDUCTOR_SAMPLE", "perhaps", "true or false"),
        ("CONDUCTOR_PAYLOAD_BYTES_MAX", "0", "a whole number from 1024"),
        ("CONDUCTOR_EVENTS_FILE", " ", "not empty"),
        ("REDIS_PORT", "0", "a whole number from 1"),
    ],
)
def test_a_wrong_value_is_named_with_its_source_and_what_is_allowed(variable: str, value: str, allowed: str) -> None:
    message = refusal({variable: value})
    assert message.startswith(f"{variable} is {value!r} (from the environment); allowed is ")
    assert allowed in message


def test_a_wrong_value_in_the_file_is_named_with_its_line(env_file: Path) -> None:
    env_file.write_text("# ports\n\nPORT=x\n")
    assert refusal(env_file=env_file).startswith("PORT is 'x' (from .env line 3); allowed is")


def test_a_wrong_flag_is_named_as_it_is_written() -> None:
    assert refusal(time_scale=-1).startswith("--time-scale is '-1' (from a flag); allowed is")


def test_a_setting_that_does_not_exist_is_refused() -> None:
    assert "There is no setting 'prot'" in refusal(prot=1)


@pytest.mark.parametrize(
    ("environ", "address"),
    [
        ({}, None),
        ({"REDIS_HOST": "r.test"}, "redis://r.test:6379/0"),
        ({"REDIS_HOST": "::1", "REDIS_PORT": "7000", "REDIS_DB": "2", "REDIS_TLS": "true"}, "rediss://[::1]:7000/2"),
        ({"REDIS_HOST": "r.test", "REDIS_PASSWORD": "a@b/c"}, "redis://:a%40b%2Fc@r.test:6379/0"),
        ({"REDIS_HOST": "r.test", "REDIS_URL": "redis://other:1"}, "redis://other:1"),
    ],
)
def test_the_address_of_a_redis_is_put_together(environ: dict[str, str], address: str | None) -> None:
    settings = load(environ)
    assert settings.redis == address
    assert settings.partition_count == (1 if address is None else 64)


def test_passwords_are_not_shown() -> None:
    secrets = {"REDIS_URL": "redis://:sesame@r.test", "REDIS_PASSWORD": "sesame", "KAFKA_SASL_PASSWORD": "sesame"}
    assert "sesame" not in repr(load(secrets))
    assert "sesame" not in refusal({"REDIS_URL": "http://:sesame@r.test"})


def test_kafka_is_reached_as_the_settings_say() -> None:
    assert load().kafka is None
    given = {"KAFKA_BROKER": "a:1, b:2", "KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_PROPERTIES": "linger.ms=20"}
    kafka = load(given).kafka
    assert kafka is not None
    assert (kafka.brokers, kafka.security_protocol, kafka.properties) == ("a:1,b:2", "ssl", (("linger.ms", "20"),))


@pytest.mark.parametrize("variable", ["CONDUCTOR_WORKS", "CONDUCTOR_PARTITIONS"])
def test_what_needs_a_redis_says_so(variable: str) -> None:
    value = "false" if variable == "CONDUCTOR_WORKS" else "4"
    message = refusal({variable: value})
    assert variable in message
    assert "Set REDIS_URL" in message
    load({variable: value, "REDIS_HOST": "r.test", "KAFKA_BROKER": "k.test"})


def test_who_leaves_the_work_to_others_needs_somebody_who_shares_it_out() -> None:
    assert "Set KAFKA_BROKER" in refusal({"CONDUCTOR_WORKS": "false", "REDIS_HOST": "r.test"})
    with pytest.raises(SettingsError, match="Set KAFKA_BROKER"):
        check_worker(load({"REDIS_HOST": "r.test"}))
    check_worker(load({"REDIS_HOST": "r.test", "KAFKA_BROKER": "k.test"}))


def test_another_host_needs_a_token() -> None:
    assert "CONDUCTOR_TOKEN" in refusal({"HOST": "0.0.0.0"})
    assert load({"HOST": "0.0.0.0", "CONDUCTOR_TOKEN": "long-enough"}).token == "long-enough"


def test_the_token_is_shown_neither_in_repr_nor_in_an_error() -> None:
    assert "long-enough" not in repr(load({"CONDUCTOR_TOKEN": "long-enough"}))
    assert "short" not in refusal({"CONDUCTOR_TOKEN": "short"})


@pytest.mark.parametrize(
    ("host", "expected"),
    [("localhost", True), ("127.0.0.2", True), ("::1", True), ("[::1]", True), ("0.0.0.0", False), ("example.test", False)],
)
def test_loopback_is_recognised(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_the_env_file_knows_comments_quotes_and_export() -> None:
    text = "\n".join(
        [
            "# a comment",
            "export A=1",
            "B = two words  # said",
            "C='# not a comment' # but this",
            r'D="a\tb \"c\" \$5"',
            "E=a#b",
            "F=",
        ]
    )
    assert list(parse_env(text)) == [
        (2, "A", "1"),
        (3, "B", "two words"),
        (4, "C", "# not a comment"),
        (5, "D", 'a\tb "c" $5'),
        (6, "E", "a#b"),
        (7, "F", ""),
    ]


@pytest.mark.parametrize(("line", "said"), [("PORT", "is not KEY=VALUE"), ("1A=2", "is not KEY=VALUE"), ('A="b', "the quote")])
def test_a_line_that_is_no_assignment_is_named(env_file: Path, line: str, said: str) -> None:
    env_file.write_text(f"OK=1\n{line}\n")
    message = refusal(env_file=env_file)
    assert ".env line 2" in message
    assert said in message


def test_a_file_that_is_not_text_is_refused(env_file: Path) -> None:
    env_file.write_bytes(b"PORT=\xff\n")
    assert "cannot be read" in refusal(env_file=env_file)
