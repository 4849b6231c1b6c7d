"""Who and where the state machines are, for the ARNs that the context object shows."""

from dataclasses import dataclass

STATE_MACHINE = ":stateMachine:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Partition, region, account and role of the machines that are compiled; `is_express` for machines of type EXPRESS.

    `counts_redrives` is False for executions that are started synchronously: their context has no `RedriveCount`.
    """

    partition: str = "aws"
    region: str = "us-east-1"
    account: str = "000000000000"
    role_arn: str = "arn:aws:iam::000000000000:role/conductor"
    is_express: bool = False
    counts_redrives: bool = True

    def machine_arn(self, definition_id: str, definition_name: str) -> str:
        """Return the ARN of a machine; a definition id that is an ARN already stays as it is."""
        if definition_id.startswith("arn:"):
            return definition_id
        return f"arn:{self.partition}:states:{self.region}:{self.account}{STATE_MACHINE}{definition_name}"

    def execution_arn(self, machine_arn: str, execution_id: str, execution_name: str) -> str:
        """Return the ARN of an execution of a machine; an execution id that is an ARN already stays as it is."""
        if execution_id.startswith("arn:"):
            return execution_id
        kind = ":express:" if self.is_express else ":execution:"
        return f"{machine_arn.replace(STATE_MACHINE, kind, 1)}:{execution_name}"
