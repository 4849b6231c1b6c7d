"""Opening a store on Redis: what is refused, what is warned of, and in which words."""

import asyncio
import logging
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from redis.asyncio import Redis
from scripts.services.daemon import Daemon, free_port
from tests.integration.redis_places import forget_all, prefix_of

from conductor_local.engine.state import Status
from conductor_local.errors import ConductorError, SettingsError, Unavailable
from conductor_local.runtime.ports import Query
from conductor_local.stores import redis_client
from conductor_local.stores.redis import RedisStore
from conductor_local.testing.store_suite import LATER, T0, begun, definition, execution, make_step, timer


@pytest.fixture(scope="module", autouse=True)
def clean(redis_url: str) -> Iterator[None]:
    """Leave nothing behind."""
    yield
    forget_all(redis_url)


@pytest.fixture
async def admin(mortal_redis: Daemon) -> AsyncIterator[Redis]:
    async with Redis.from_url(f"redis://{mortal_redis.address}") as client:
        yield client


async def refusal(url: str, **settings: object) -> ConductorError:
    """Open a store, expect it to be refused, and return the error."""
    with pytest.raises(ConductorError) as caught:
        await RedisStore(url, **settings).open()  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize(
    "url", ["http://localhost", "localhost:6379", "redis://localhost:port", "redis://localhost/orders", "redis://h?nonsense=1"]
)
async def test_a_url_that_is_none_is_refused_with_its_form(url: str) -> None:
    error = await refusal(url)
    assert isinstance(error, SettingsError)
    assert "redis://[[user]:password@]host" in error.message


@pytest.mark.parametrize("prefix", ["", "a b", "{a}"])
async def test_a_prefix_must_be_a_word(prefix: str) -> None:
    assert isinstance(await refusal("redis://localhost", prefix=prefix), SettingsError)


async def test_the_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(redis_client, "import_module", absent)
    assert "pip install 'conductor-local[redis]'" in (await refusal("redis://localhost")).message


async def test_nobody_there_is_unavailable_and_names_the_place() -> None:
    port = free_port()
    error = await refusal(f"redis://:secret@127.0.0.1:{port}/3")
    assert isinstance(error, Unavailable)
    assert f"127.0.0.1:{port}, database 3" in error.message
    assert "secret" not in error.message


async def test_another_kind_of_server_is_refused() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    error = await refusal(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    server.close()
    assert isinstance(error, SettingsError)
    assert "is not Redis" in error.message


async def test_a_cluster_is_refused(mortal_redis: Daemon) -> None:
    mortal_redis.kill()
    replace(mortal_redis, command=(*mortal_redis.command, "--cluster-enabled", "yes")).start()
    error = await refusal(f"redis://{mortal_redis.address}")
    assert isinstance(error, SettingsError)
    assert "Redis Cluster" in error.message


async def test_passwords(mortal_redis: Daemon, admin: Redis) -> None:
    await admin.config_set("requirepass", "open sesame")
    missing, wrong = await refusal(f"redis://{mortal_redis.address}"), await refusal(f"redis://:guess@{mortal_redis.address}")
    assert isinstance(missing, SettingsError)
    assert "wants a password" in missing.message
    assert isinstance(wrong, SettingsError)
    assert "does not accept this user and password" in wrong.message
    store = RedisStore(f"redis://:open%20sesame@{mortal_redis.address}/2")
    await store.open()
    assert (await store.create(execution("e1"), [])).is_new
    await store.close()
    await admin.execute_command("AUTH", "open sesame")


async def test_a_password_that_changes_later_is_said(mortal_redis: Daemon, admin: Redis) -> None:
    store = RedisStore(f"redis://{mortal_redis.address}", patience_s=0.2)
    await store.open()
    await admin.config_set("requirepass", "new")
    await admin.execute_command("AUTH", "new")
    await admin.client_kill_filter(_type="normal", skipme=True)
    with pytest.raises(Unavailable, match="wants a password"):
        await store.acquire(0)
    await store.close()


async def test_a_user_without_rights_is_refused(mortal_redis: Daemon, admin: Redis) -> None:
    await admin.acl_setuser("guest", enabled=True, passwords=["+guest"], commands=["+info", "+client", "+ping"])
    error = await refusal(f"redis://guest:guest@{mortal_redis.address}")
    assert isinstance(error, SettingsError)
    assert "does not let this user" in error.message


async def test_the_rights_that_the_documentation_names_are_enough(mortal_redis: Daemon, admin: Redis) -> None:
    page = (Path(__file__).parents[2] / "docs" / "redis.md").read_text()
    (command,) = (line.split() for line in page.splitlines() if line.strip().startswith("ACL SETUSER"))
    await admin.execute_command(*command)
    store = RedisStore(f"redis://conductor:PASSWORD@{mortal_redis.address}")
    await store.open()
    epoch = await store.acquire(0)
    kept = await begun(store, "e1", epoch)
    await asyncio.gather(*(store.post("e1", 0, [timer(f"t{n}", T0)]) for n in range(3)))
    await store.commit(make_step(kept, events=1, status=Status.FAILED), epoch=epoch)
    await store.list(Query())
    await store.counts()
    await store.cursor(0, "kafka")
    await store.save_cursor(0, "kafka", 9)
    assert await store.expire(0, LATER, 9) == 0
    await store.put_definition(definition("d1", "orders"), replaces=None)
    assert len(await store.definitions()) == 1
    assert await store.delete("e1")
    await store.close()
    assert [each["reason"] for each in await admin.acl_log()] == []


async def test_a_server_with_tls(mortal_redis: Daemon, admin: Redis, tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject, "-keyout", key, "-out", certificate]
    subprocess.run(made, check=True, capture_output=True)
    port = free_port()
    files = {"tls-cert-file": str(certificate), "tls-key-file": str(key), "tls-ca-cert-file": str(certificate)}
    await admin.config_set("tls-auth-clients", "no")
    await admin.execute_command("CONFIG", "SET", *(word for pair in files.items() for word in pair), "tls-port", port)
    store = RedisStore(f"rediss://127.0.0.1:{port}?ssl_ca_certs={certificate}")
    await store.open()
    assert (await store.create(execution("e1"), [])).is_new
    await store.close()
    unknown = await refusal(f"rediss://127.0.0.1:{port}", patience_s=0.1)
    assert isinstance(unknown, Unavailable)
    assert "certificate" in unknown.message


async def test_the_number_of_partitions_is_fixed(redis_url: str, tmp_path: Path) -> None:
    store = RedisStore(redis_url, prefix=prefix_of(tmp_path), partitions=4)
    await store.open()
    await store.close()
    error = await refusal(redis_url, prefix=prefix_of(tmp_path), partitions=8)
    assert isinstance(error, SettingsError)
    assert "made with 4 partitions" in error.message
    assert "set it to 4" in error.message


async def test_a_newer_schema_is_refused(redis_url: str, tmp_path: Path) -> None:
    async with Redis.from_url(redis_url) as client:
        await client.hset(f"{prefix_of(tmp_path)}:{{defs}}:store", mapping={"schema": 99, "partitions": 1})
    error = await refusal(redis_url, prefix=prefix_of(tmp_path))
    assert isinstance(error, SettingsError)
    assert "newer Conductor (schema 99" in error.message


async def test_a_server_that_evicts_is_refused_before_anything_is_written(mortal_redis: Daemon, admin: Redis) -> None:
    await admin.config_set("maxmemory-policy", "allkeys-lru")
    await admin.config_set("maxmemory", "100mb")
    error = await refusal(f"redis://{mortal_redis.address}")
    assert isinstance(error, SettingsError)
    assert "noeviction" in error.message
    assert await admin.dbsize() == 0


async def test_what_can_be_lost_is_warned_of(mortal_redis: Daemon, admin: Redis, caplog: pytest.LogCaptureFixture) -> None:
    await admin.config_set("appendonly", "no")
    await admin.config_set("maxmemory-policy", "volatile-lru")
    store = RedisStore(f"redis://{mortal_redis.address}")
    with caplog.at_level(logging.WARNING, "conductor"):
        await store.open()
    await store.close()
    assert "no append-only file" in caplog.text
    assert "noeviction" in caplog.text


async def test_nothing_is_warned_of_when_all_is_well(mortal_redis: Daemon, caplog: pytest.LogCaptureFixture) -> None:
    store = RedisStore(f"redis://{mortal_redis.address}")
    with caplog.at_level(logging.WARNING):
        await store.open()
    await store.close()
    assert caplog.text == ""
