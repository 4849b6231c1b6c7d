"""Terraform makes, keeps and destroys machines, activities and aliases here.

It needs `terraform` on the PATH and the AWS provider on this machine, in a folder laid out as a filesystem mirror
(`…/registry.terraform.io/hashicorp/aws/<version>/<platform>/`); `CONDUCTOR_TERRAFORM_MIRROR` names one that is elsewhere.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import REGION

TERRAFORM = shutil.which("terraform")
PROVIDER = "registry.terraform.io/hashicorp/aws"
USUAL = ("/opt/tf-plugins", "/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins")
APPLY_S = 240.0

CONFIGURATION = """
provider "aws" {
  region                      = "%(region)s"
  access_key                  = "conductor"
  secret_key                  = "conductor"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  endpoints { sfn = "%(url)s" }
}

variable "result" { default = "first" }

resource "aws_sfn_activity" "pack" {
  name = "pack"
  tags = { team = "orders" }
}

resource "aws_sfn_state_machine" "orders" {
  name     = "orders"
  role_arn = "arn:aws:iam::000000000000:role/any"
  publish  = true
  tags     = { team = "orders", cost = "low" }
  definition = jsonencode({
    StartAt = "Say", States = { Say = { Type = "Pass", Result = var.result, End = true } }
  })
  logging_configuration {
    level                  = "ERROR"
    include_execution_data = true
    log_destination        = "arn:aws:logs:%(region)s:000000000000:log-group:orders:*"
  }
}

resource "aws_sfn_state_machine" "quick" {
  name       = "quick"
  type       = "EXPRESS"
  role_arn   = "arn:aws:iam::000000000000:role/any"
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Pass", End = true } } })
}

resource "aws_sfn_alias" "live" {
  name = "live"
  routing_configuration {
    state_machine_version_arn = aws_sfn_state_machine.orders.state_machine_version_arn
    weight                    = 100
  }
}

output "alias" { value = aws_sfn_alias.live.arn }
output "activity" { value = aws_sfn_activity.pack.id }
"""


def mirror() -> str | None:
    """Return the folder that has the provider."""
    folders = [os.environ.get("CONDUCTOR_TERRAFORM_MIRROR", ""), *USUAL, str(Path.home() / ".terraform.d" / "plugins")]
    return next((folder for folder in folders if folder and (Path(folder) / PROVIDER).is_dir()), None)


MIRROR = mirror()
pytestmark = [
    pytest.mark.skipif(TERRAFORM is None, reason="NOT TESTED: terraform is not on the PATH"),
    pytest.mark.skipif(MIRROR is None, reason="NOT TESTED: Terraform's AWS provider is not here (CONDUCTOR_TERRAFORM_MIRROR)"),
]


class Terraform:
    """Terraform in a folder of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        (folder / "main.tf").write_text(CONFIGURATION % {"url": url, "region": REGION})
        rc = folder / "terraform.rc"
        rc.write_text(f'provider_installation {{ filesystem_mirror {{ path = "{MIRROR}" }} }}\n')
        self._environ = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "TF_CLI_CONFIG_FILE": str(rc), "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
        }  # fmt: skip

    def __call__(self, *arguments: str, code: int = 0) -> str:
        done = subprocess.run(
            [str(TERRAFORM), *arguments], cwd=self._folder, env=self._environ, capture_output=True, text=True, timeout=APPLY_S,
            check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout


def test_apply_plan_change_and_destroy(
    serve: Callable[..., str], connect: Callable[..., Any], tmp_path: Path
) -> None:  # fmt: skip
    url = serve()
    terraform, sfn = Terraform(tmp_path, url), connect(url, key="conductor", inject_host_prefix=False)
    terraform("init", "-no-color")
    terraform("apply", "-auto-approve", "-no-color")
    terraform("plan", "-detailed-exitcode", "-no-color")  # exit code 2 would say that there is a difference

    alias = json.loads(terraform("output", "-json"))["alias"]["value"]
    machine = alias.removesuffix(":live")
    assert sfn.describe_state_machine(stateMachineArn=machine)["loggingConfiguration"]["level"] == "ERROR"
    tags = sfn.list_tags_for_resource(resourceArn=machine)["tags"]
    assert {tag["key"]: tag["value"] for tag in tags} == {"cost": "low", "team": "orders"}
    execution = sfn.start_execution(stateMachineArn=alias)["executionArn"]
    while (found := sfn.describe_execution(executionArn=execution))["status"] == "RUNNING":
        pass
    assert found["output"] == '"first"'

    terraform("apply", "-auto-approve", "-no-color", "-var", "result=second")
    terraform("plan", "-detailed-exitcode", "-no-color", "-var", "result=second")
    routes = sfn.describe_state_machine_alias(stateMachineAliasArn=alias)["routingConfiguration"]
    assert routes == [{"stateMachineVersionArn": f"{machine}:2", "weight": 100}]

    terraform("destroy", "-auto-approve", "-no-color", "-var", "result=second")
    assert (sfn.list_state_machines()["stateMachines"], sfn.list_activities()["activities"]) == ([], [])
