"""The ARNs of the service: parsed into values, made from values, and the rules of the names in them.

    MachineArn      …:stateMachine:<name>[/<label>][:<version or alias>]
    ExecutionArn    …:execution:<machine>[/<label>]:<name>
    ExpressArn      …:express:<machine>[/<label>]:<name>:<run>
    ActivityArn     …:activity:<name>
    MapRunArn       …:mapRun:<machine>/<label>:<run>

Rules: `str(arn)` is the text and `parse` its inverse; `parse` takes only the kinds that its caller names, and refuses in AWS's
words. Whether the thing exists is not asked here.
"""

import re
from dataclasses import dataclass, replace
from typing import ClassVar, TypeVar

from conductor_local.api.aws.errors import AwsError

NAME_CHARS_MAX = 80
_PREFIX = re.compile(r"arn:(aws[a-z-]*):states:([a-z0-9-]+):([0-9]{12}):([A-Za-z]+):(.+)", re.DOTALL)
_PART = r"[^:/\s]+"
_NOT_IN_NAMES = re.compile(r"[\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a thing is and whose it is."""

    partition: str
    region: str
    account: str

    def text(self, kind: str, rest: str) -> str:
        """Return the ARN of a thing of that kind."""
        return f"arn:{self.partition}:states:{self.region}:{self.account}:{kind}:{rest}"


@dataclass(frozen=True, slots=True)
class MachineArn:
    """A state machine; with a `qualifier` one version (digits) or alias of it, with a `label` the machine of a Map's items."""

    kind: ClassVar[str] = "stateMachine"
    pattern: ClassVar[re.Pattern[str]] = re.compile(rf"(?P<name>{_PART})(?:/(?P<label>{_PART}))?(?::(?P<qualifier>{_PART}))?")

    scope: Scope
    name: str
    label: str | None = None
    qualifier: str | None = None

    @property
    def version(self) -> int | None:
        """The number of the version that is named, if one is."""
        return int(self.qualifier) if self.qualifier is not None and _is_number(self.qualifier) else None

    @property
    def alias(self) -> str | None:
        """The name of the alias that is named, if one is."""
        return None if self.qualifier is None or _is_number(self.qualifier) else self.qualifier

    @property
    def unqualified(self) -> "MachineArn":
        """The machine itself."""
        return replace(self, qualifier=None)

    def qualified(self, qualifier: str | int) -> "MachineArn":
        """Return the ARN of a version or an alias of this machine."""
        return replace(self, qualifier=str(qualifier))

    def __str__(self) -> str:
        return self.scope.text(self.kind, _labelled(self.name, self.label) + _behind(self.qualifier))


@dataclass(frozen=True, slots=True)
class ExecutionArn:
    """An execution of a Standard machine; its ARN does not show the version or alias that started it."""

    kind: ClassVar[str] = "execution"
    pattern: ClassVar[re.Pattern[str]] = re.compile(rf"(?P<machine>{_PART})(?:/(?P<label>{_PART}))?:(?P<name>{_PART})")

    scope: Scope
    machine: str
    name: str
    label: str | None = None

    @property
    def machine_arn(self) -> MachineArn:
        """The machine that it runs."""
        return MachineArn(self.scope, self.machine, self.label)

    def __str__(self) -> str:
        return self.scope.text(self.kind, f"{_labelled(self.machine, self.label)}:{self.name}")


@dataclass(frozen=True, slots=True)
class ExpressArn:
    """An execution of an Express machine; `run` tells executions of one name apart."""

    kind: ClassVar[str] = "express"
    pattern: ClassVar[re.Pattern[str]] = re.compile(
        rf"(?P<machine>{_PART})(?:/(?P<label>{_PART}))?:(?P<name>{_PART}):(?P<run>{_PART})"
    )

    scope: Scope
    machine: str
    name: str
    run: str
    label: str | None = None

    @property
    def machine_arn(self) -> MachineArn:
        """The machine that it runs."""
        return MachineArn(self.scope, self.machine, self.label)

    def __str__(self) -> str:
        return self.scope.text(self.kind, f"{_labelled(self.machine, self.label)}:{self.name}:{self.run}")


@dataclass(frozen=True, slots=True)
class ActivityArn:
    """An activity."""

    kind: ClassVar[str] = "activity"
    pattern: ClassVar[re.Pattern[str]] = re.compile(rf"(?P<name>{_PART})")

    scope: Scope
    name: str

    def __str__(self) -> str:
        return self.scope.text(self.kind, self.name)


@dataclass(frozen=True, slots=True)
class MapRunArn:
    """A run of the distributed Map that has this label."""

    kind: ClassVar[str] = "mapRun"
    pattern: ClassVar[re.Pattern[str]] = re.compile(rf"(?P<machine>{_PART})/(?P<label>{_PART}):(?P<run>{_PART})")

    scope: Scope
    machine: str
    label: str
    run: str

    def __str__(self) -> str:
        return self.scope.text(self.kind, f"{self.machine}/{self.label}:{self.run}")


Arn = TypeVar("Arn", MachineArn, ExecutionArn, ExpressArn, ActivityArn, MapRunArn)


def parse(text: str, *kinds: type[Arn]) -> Arn:
    """Read the ARN of a thing of one of these kinds. Raises `AwsError` InvalidArn."""
    found = _PREFIX.fullmatch(text)
    if found is None:
        raise invalid(f"Invalid ARN prefix: {text}")
    partition, region, account, kind, rest = found.groups()
    wanted = next((each for each in kinds if each.kind == kind), None)
    if wanted is None:
        raise invalid(f"Resource type not valid in this context: {kind}")
    parts = wanted.pattern.fullmatch(rest)
    if parts is None:
        raise invalid(f"Invalid ARN resource: {text}")
    return wanted(Scope(partition, region, account), **parts.groupdict())


def invalid(reason: str) -> AwsError:
    """Return the refusal of an ARN."""
    return AwsError("InvalidArn", f"Invalid Arn: '{reason}'")


def check_name(name: str) -> str:
    """Return the name of a machine, an execution or an activity as it is. Raises `AwsError` InvalidName."""
    if not 1 <= len(name) <= NAME_CHARS_MAX or _NOT_IN_NAMES.search(name):
        raise AwsError("InvalidName", f"Invalid Name: '{name}'")
    return name


def _is_number(qualifier: str) -> bool:
    return qualifier.isascii() and qualifier.isdigit()


def _labelled(machine: str, label: str | None) -> str:
    return machine if label is None else f"{machine}/{label}"


def _behind(qualifier: str | None) -> str:
    return "" if qualifier is None else f":{qualifier}"
