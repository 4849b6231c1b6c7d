"""The sample's functions do what the contract's table says."""

from datetime import UTC, datetime
from typing import Any

import pytest

from conductor_local.functions.builtin import builtin_functions
from conductor_local.functions.python import PythonRunner
from conductor_local.functions.registry import Registry
from conductor_local.payload import Json
from conductor_local.runtime.ports import Failed, Succeeded

from .calls import call_of

NOW = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
STAMP = "2026-01-02T03:04:05.678Z"
USER = {"email": "a@b", "password": "hunter2"}


async def run(name: str, payload: Json, *, scale: float = 0.0, slept: list[float] | None = None) -> Any:
    async def sleep(seconds: float) -> None:
        assert slept is not None
        slept.append(seconds)

    registry = Registry(builtin_functions(scale, now=lambda: NOW, sleep=sleep))
    match await PythonRunner(lambda: registry).run(call_of(name, payload)):
        case Succeeded(result):
            return result.value
        case Failed(failure):
            return failure.cause


async def test_validating_adds_flag_and_time() -> None:
    assert await run("validateUserData", USER) == {**USER, "validated": True, "validationTimestamp": STAMP}


@pytest.mark.parametrize("payload", [{}, None, [], {"email": "a@b"}, {"password": "x"}, {"email": "", "password": "x"}], ids=str)
async def test_validating_needs_email_and_password(payload: Json) -> None:
    assert await run("validateUserData", payload) == "Validation Error: Email and password are required."


async def test_creating_adds_an_id_and_a_time() -> None:
    created = await run("createUserInDB", {**USER, "validated": True})
    assert created.pop("userId").startswith("user_")
    assert created == {**USER, "validated": True, "dbTimestamp": STAMP}


async def test_creating_again_after_a_crash_gives_the_same_id() -> None:
    first, second = [await run("createUserInDB", {"validated": True}) for _ in range(2)]
    assert first == second


async def test_creating_needs_validation() -> None:
    assert await run("createUserInDB", USER) == "User data not validated before DB creation attempt."


async def test_sending_adds_flag_and_time() -> None:
    payload = {"userId": "user_1", "email": "a@b"}
    assert await run("sendWelcomeEmail", payload) == {**payload, "emailSent": True, "emailSentTimestamp": STAMP}


@pytest.mark.parametrize("payload", [{"userId": "user_1"}, {"email": "a@b"}], ids=str)
async def test_sending_needs_id_and_email(payload: Json) -> None:
    assert await run("sendWelcomeEmail", payload) == "Cannot send email without userId and email."


async def test_analytics_adds_a_flag() -> None:
    assert await run("logAnalytics", {"a": 1}) == {"a": 1, "analyticsLogged": True}


async def test_the_external_call_adds_its_response() -> None:
    assert await run("makeExternalApiCall", {"a": 1}) == {"a": 1, "externalResponse": {"status": 200, "data": "mock_api_response"}}


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("validateUserData", 0.5),
        ("createUserInDB", 1.0),
        ("sendWelcomeEmail", 0.7),
        ("logAnalytics", 0.3),
        ("makeExternalApiCall", 1.2),
    ],
)
async def test_simulated_times_are_scaled(name: str, seconds: float) -> None:
    slept: list[float] = []
    await run(name, {}, scale=0.5, slept=slept)
    assert slept == [seconds * 0.5]


def test_all_are_described() -> None:
    registry = Registry(builtin_functions(0, now=lambda: NOW, sleep=lambda seconds: pytest.fail("slept")))
    assert all(view.description and view.is_async and not view.file for view in registry.views())
    assert registry.names == ["createUserInDB", "logAnalytics", "makeExternalApiCall", "sendWelcomeEmail", "validateUserData"]
