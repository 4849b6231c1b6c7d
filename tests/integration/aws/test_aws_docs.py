"""`docs/aws-api.md` is true: its commands and its programs run, in their order, and it names every operation."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conductor_local.api.aws.model import model

ROOT = Path(__file__).parents[3]
PAGE, README = (ROOT / "docs" / "aws-api.md").read_text(), (ROOT / "README.md").read_text()
BIN = Path(sys.executable).parent
TEMPLATE = {
    "Resources": {
        "Orders": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "DefinitionString": {
                    "Fn::Join": [
                        "",
                        [
                            '{"StartAt": "Pay", "States": {"Pay": {"Type": "Task", "End": true, "Resource": "',
                            {"Fn::GetAtt": ["PayFunction", "Arn"]},
                            '"}}}',
                        ],
                    ]
                }
            },
        },
        "PayFunction": {"Type": "AWS::Lambda::Function"},
    }
}


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.fixture
def url(serve: Callable[..., str]) -> str:
    return serve()


@pytest.fixture
def environ(url: str, tmp_path: Path) -> dict[str, str]:
    found = {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "HOME": str(tmp_path), "CONDUCTOR_URL": url}
    printed = subprocess.run([BIN / "conductor", "env", "-o", "json"], env=found, cwd=tmp_path, capture_output=True, check=True)
    return {**found, **json.loads(printed.stdout)}


def run(command: list[str], environ: dict[str, str], folder: Path) -> str:
    done = subprocess.run(command, env=environ, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_commands_run(url: str, tmp_path: Path) -> None:
    bare = {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "HOME": str(tmp_path), "CONDUCTOR_URL": url}
    told = run(["bash", "-euc", "\n".join(blocks(PAGE, "sh"))], bare, tmp_path)
    assert "arn:aws:states:us-east-1:000000000000:execution:hello:first" in told
    assert "arn:aws:states:eu-west-1:123456789012:activity:pack" in told
    assert told.count('"output": "5"') == 2


def test_the_programs_run(url: str, environ: dict[str, str], connect: Callable[..., object], tmp_path: Path) -> None:
    (tmp_path / "cdk.out").mkdir()
    (tmp_path / "cdk.out" / "Stack.template.json").write_text(json.dumps(TEMPLATE))
    programs = [*blocks(PAGE, "python"), *(block for block in blocks(README, "python") if "boto3" in block)]
    assert len(programs) == 3
    told = [run([sys.executable, "-c", one.replace("http://127.0.0.1:3000", url)], environ, tmp_path) for one in programs]
    assert told[0] == '"Hello, Ada!"\n'
    listed = run([str(BIN / "aws"), "stepfunctions", "list-state-machines", "--query", "stateMachines[].name"], environ, tmp_path)
    assert "Orders" in json.loads(listed)


def test_every_operation_is_named() -> None:
    table = PAGE.partition("## The operations")[2].partition("\n## ")[0]
    assert sorted(re.findall(r"`([A-Z]\w+)`", table)) == sorted(model().operations)
