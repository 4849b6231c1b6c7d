"""`conductor demo`: the first thing a newcomer runs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conductor_local.cli.server_process import clean_environment

pytestmark = pytest.mark.e2e


def demo(folder: Path, *flags: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "conductor_local", "demo", "--fast", *flags],
        cwd=folder,
        env={**clean_environment(), "TMPDIR": str(folder), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_demo_shows_both_workflows_to_their_end(tmp_path: Path) -> None:
    done = demo(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "User Signup Process" in done.stdout
    assert "Sample User Signup Workflow" in done.stdout
    for step in ("Validate User Input Data", "Create User in Database", "Send Welcome Email", "Log Analytics Event"):
        assert step in done.stdout
    assert done.stdout.count("COMPLETED") == 2


def test_the_demo_shows_no_secret(tmp_path: Path) -> None:
    assert "correct horse" not in demo(tmp_path).stdout


def test_piped_the_demo_is_plain_text(tmp_path: Path) -> None:
    assert "\x1b" not in demo(tmp_path).stdout


def test_on_a_terminal_the_demo_draws_finished_steps_with_colour(tmp_path: Path) -> None:
    import pty

    shown = b""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "conductor_local", "demo", "--fast"]
    with subprocess.Popen(command, cwd=tmp_path, env={**clean_environment(), "TERM": "xterm"}, stdout=theirs) as process:
        os.close(theirs)
        try:
            while chunk := os.read(ours, 65_536):
                shown += chunk
        except OSError:  # Linux: the other end was closed
            pass
    os.close(ours)
    assert process.returncode == 0
    assert shown.count("✓".encode()) == 7
    assert b"\x1b[32m" in shown
    assert b"correct horse" not in shown


def test_the_demo_leaves_nothing_behind(tmp_path: Path) -> None:
    demo(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_readme_example_passes_each_output_on(tmp_path: Path) -> None:
    example, _ = json.loads(demo(tmp_path, "-o", "json").stdout)
    payload = example["currentPayload"]
    assert payload["validationOutput"]["validated"] is True
    assert payload["userRecord"]["userId"].startswith("user_")
    assert payload["emailStatus"]["emailSent"] is True


def test_a_server_that_does_not_start_is_told_with_1(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nif 'serve' in sys.orig_argv:\n    sys.exit('no disk')\n")
    done = demo(tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith("The demo failed: The server did not start: ")
    assert "Traceback (most recent" not in done.stdout
