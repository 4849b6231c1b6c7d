"""`conductor env` and `conductor aws`: what is told, in whose syntax, and what is said where there is no AWS CLI."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Conductor

QUOTED = 'it\'s \\ a "test"'


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the developer's own AWS."""
    for name in list(os.environ):
        if name.startswith("AWS_") or name.lower() in {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


def told(conductor: Conductor, *arguments: str) -> dict[str, str]:
    outcome = conductor("env", "-o", "json", *arguments)
    assert outcome.code == 0, outcome.err
    return dict(json.loads(outcome.out))


def test_a_server_on_this_machine_is_told_with_names_for_credentials(conductor: Conductor) -> None:
    assert told(conductor) == {
        "AWS_ENDPOINT_URL_SFN": "http://127.0.0.1:3000",
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "conductor",
        "AWS_SECRET_ACCESS_KEY": "conductor",
    }


def test_the_region_is_the_one_that_the_server_of_this_folder_has(conductor: Conductor, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("AWS_DEFAULT_REGION=eu-west-1\nPORT=3001\n")
    found = told(conductor)
    assert (found["AWS_REGION"], found["AWS_ENDPOINT_URL_SFN"]) == ("eu-west-1", "http://127.0.0.1:3001")


@pytest.mark.parametrize("where", ["AWS_ACCESS_KEY_ID", "AWS_PROFILE", "file"])
def test_credentials_that_are_there_stay(
    conductor: Conductor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, where: str
) -> None:  # fmt: skip
    if where == "file":
        (tmp_path / ".aws").mkdir()
        (tmp_path / ".aws" / "credentials").write_text("[default]\n")
    else:
        monkeypatch.setenv(where, "mine")
    assert "AWS_ACCESS_KEY_ID" not in told(conductor)


def test_a_token_goes_where_aws_s_tools_send_something_of_ours(conductor: Conductor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "mine")
    assert told(conductor, "--token", "long-enough")["AWS_ACCESS_KEY_ID"] == "long-enough"


def test_a_proxy_is_kept_away_from_this_machine(conductor: Conductor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:8080")
    monkeypatch.setenv("NO_PROXY", "example.com")
    assert told(conductor)["NO_PROXY"] == "example.com,127.0.0.1"
    assert "NO_PROXY" not in told(conductor, "--url", "https://conductor.example.com")


def test_an_address_that_is_none_is_wrong_usage(conductor: Conductor) -> None:
    outcome = conductor("env", "--url", "http://")
    assert (outcome.code, outcome.out) == (2, "")
    assert "is not a server address" in outcome.err


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("/bin/zsh", "export AWS_REGION=us-east-1"),
        ("/usr/bin/fish", "set -gx AWS_REGION 'us-east-1'"),
        ("/opt/microsoft/powershell", "$Env:AWS_REGION = 'us-east-1'"),
        ("/bin/some-other-sh", "export AWS_REGION=us-east-1"),
    ],
)
def test_the_shell_of_the_person_is_spoken(conductor: Conductor, monkeypatch: pytest.MonkeyPatch, shell: str, line: str) -> None:
    monkeypatch.setenv("SHELL", shell)
    assert line in conductor("env").out.splitlines()
    assert "set -gx AWS_REGION 'us-east-1'" in conductor("env", "--shell", "fish").out.splitlines()


def test_what_a_posix_shell_reads_is_what_was_meant(conductor: Conductor) -> None:
    script = conductor("env", "--shell", "sh", "--token", QUOTED).out
    script += 'printf %s "$AWS_ACCESS_KEY_ID"'
    assert subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout == QUOTED


def test_quotes_are_written_as_other_shells_read_them(conductor: Conductor) -> None:
    fish, powershell = (conductor("env", "--shell", shell, "--token", "it's \\").out for shell in ("fish", "powershell"))
    assert r"set -gx AWS_ACCESS_KEY_ID 'it\'s \\'" in fish
    assert r"$Env:AWS_ACCESS_KEY_ID = 'it''s \'" in powershell


def test_without_an_aws_cli_it_is_said_what_to_do(conductor: Conductor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    outcome = conductor("aws", "stepfunctions", "list-activities")
    assert outcome.code == 2
    assert "The AWS CLI is not installed" in outcome.err
