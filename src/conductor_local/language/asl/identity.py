"""Who and where the state machines are, for the ARNs that the context object shows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from conductor_local.payload import Json

STATE_MACHINE = ":stateMachine:"
_IN_ARN = re.compile(r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}")
EXPRESS_S_MAX = 300
"""How long an execution of type Express may take, in seconds (AWS quota)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Partition, region, account and role of the machines that are compiled; `is_express` for machines of type EXPRESS.

    `counts_redrives` is False for executions that are started synchronously: their context has no `RedriveCount`.
    `context` holds parts of the context object that a test gives in place of those that would be made.
    """

    partition: str = "aws"
    region: str = "us-east-1"
    account: str = "000000000000"
    role_arn: str = "arn:aws:iam::000000000000:role/conductor"
    is_express: bool = False
    counts_redrives: bool = True
    context: Mapping[str, Json] = field(default_factory=dict, hash=False)

    def machine_arn(self, definition_id: str, definition_name: str) -> str:
        """Return the ARN of a machine; a definition id that is an ARN already stays as it is.

        A definition whose name no ARN can hold is named by its id; the machine of a distributed Map's items, `<id>/<label>`, keeps
        its label.
        """
        if definition_id.startswith("arn:"):
            return definition_id
        id, slash, label = definition_id.partition("/")
        name = self.machine_name(definition_name.removesuffix(slash + label))
        named = name if _IN_ARN.fullmatch(name) else id
        return f"arn:{self.partition}:states:{self.region}:{self.account}{STATE_MACHINE}{named}{slash}{label}"

    def machine_name(self, definition_name: str) -> str:
        """Return the name of a machine: definitions of other regions and accounts are stored as `<region>:<account>:<name>`."""
        return definition_name.removeprefix(f"{self.region}:{self.account}:")

    def execution_arn(self, machine_arn: str, execution_id: str, execution_name: str) -> str:
        """Return the ARN of an execution of a machine; an execution id that is an ARN already stays as it is."""
        if execution_id.startswith("arn:"):
            return execution_id
        name = execution_name if _IN_ARN.fullmatch(execution_name) else execution_id
        if self.is_express:
            return f"{machine_arn.replace(STATE_MACHINE, ':express:', 1)}:{name}:{execution_id}"
        return f"{machine_arn.replace(STATE_MACHINE, ':execution:', 1)}:{name}"
