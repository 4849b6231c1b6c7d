"""What AWS shows of the state machine behind an execution and that the execution itself does not know."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """`arn` is unqualified; `version_arn` and `alias_arn` are there when the execution was started by one."""

    arn: str
    role_arn: str
    region: str
    version_arn: str | None = None
    alias_arn: str | None = None
