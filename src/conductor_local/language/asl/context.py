"""The context object of a machine whose name and ids are known only to the scope: one compiled program serves many machines."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from conductor_local.language.asl.identity import Identity
from conductor_local.language.expr import Context, Machine
from conductor_local.language.expr.context import Section
from conductor_local.payload import Json
from conductor_local.program import Scope

_OF_THE_MACHINE = ("Execution", "StateMachine")
_UNKNOWN = Machine(arn="", name="", role_arn="")


@dataclass(frozen=True, slots=True)
class MachineContext(Context):
    """A context that asks the scope which machine and execution it is in; `identity` says where those live."""

    identity: Identity = field(default_factory=Identity)

    def sections(self) -> dict[str, Section]:
        """Return what makes each part, in AWS's order."""
        made = Context.sections(self) | {name: self._of_the_machine(name) for name in _OF_THE_MACHINE}
        return made | {name: _given(given, made[name]) for name, given in self.identity.context.items()}

    def _of_the_machine(self, name: str) -> Section:
        return lambda scope: Context(machine_in(scope, self.identity)).sections()[name](scope)


def _given(given: Mapping[str, Json], made: Section) -> Section:
    """Return what makes a part of which some members are given."""
    return lambda scope: {**(made(scope) or {}), **given}


def context_in(identity: Identity, *, counts_retries: bool = False, gives_token: bool = False) -> MachineContext:
    """Return the context of a state."""
    return MachineContext(_UNKNOWN, counts_retries=counts_retries, gives_token=gives_token, identity=identity)


def machine_in(scope: Scope, identity: Identity) -> Machine:
    """Return the machine that the scope belongs to."""
    arn = identity.machine_arn(scope.definition_id, scope.definition_name)
    execution_arn = identity.execution_arn(arn, scope.execution_id, scope.execution_name)
    is_told = scope.definition_id.startswith("arn:")
    name = arn.rpartition(":")[2] if is_told else identity.machine_name(scope.definition_name)
    return Machine(
        arn=arn, name=name, role_arn=identity.role_arn, execution_arn_of=lambda _id: execution_arn,
        counts_redrives=identity.counts_redrives,
    )  # fmt: skip
