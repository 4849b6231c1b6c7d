"""What an expression of a workflow can see: the one implementation of `program.Scope`."""

from datetime import datetime

from conductor_local.engine.draft import Draft
from conductor_local.engine.messages import WorkId, encode_token
from conductor_local.engine.state import Frame, MapMemo
from conductor_local.payload import Json
from conductor_local.program import Failure, Item, Node


class NodeScope:
    """The view from one visit of a node. Everything costs something only when an expression asks for it."""

    __slots__ = ("_arguments", "_draft", "_frame", "_has_arguments", "_item", "_node", "failure", "reserved_work", "result")

    def __init__(
        self,
        draft: Draft,
        frame: Frame,
        node: Node,
        *,
        result: Json = None,
        failure: Failure | None = None,
        item: Item | None = None,
    ) -> None:
        self._draft = draft
        self._frame = frame
        self._node = node
        self._item = item
        self._has_arguments = False
        self._arguments: Json = None
        self.result = result
        self.failure = failure
        self.reserved_work: WorkId | None = None

    @property
    def input(self) -> Json:
        return self._frame.input.value

    @property
    def arguments(self) -> Json:
        if not self._has_arguments:
            self.arguments = self.input
            if self._node.arguments is not None:  # a pure function of the input: the same value that the work was given
                self.arguments = self._node.arguments(self)
        return self._arguments

    @arguments.setter
    def arguments(self, value: Json) -> None:
        self._arguments = value
        self._has_arguments = True

    @property
    def node(self) -> str:
        return self._frame.node

    @property
    def entered_at(self) -> datetime:
        return self._frame.entered_at or self._draft.at

    @property
    def entered_event(self) -> int:
        return self._frame.entered_event

    @property
    def retries(self) -> int:
        return sum(self._frame.retries)

    @property
    def item(self) -> Item | None:
        if self._item is not None:
            return self._item
        frame: Frame | None = self._frame
        while frame is not None and frame.parent is not None:
            parent = self._draft.frame(frame.parent)
            if parent is not None and isinstance(parent.memo, MapMemo):
                return Item(frame.index, parent.memo.items.value[frame.index])
            frame = parent
        return None

    @property
    def task_token(self) -> str | None:
        if self.reserved_work is None:
            self.reserved_work = self._draft.work_id(self._frame)
        return encode_token(self._draft.head.id, self.reserved_work)

    @property
    def execution_id(self) -> str:
        return self._draft.head.id

    @property
    def execution_name(self) -> str:
        return self._draft.head.name

    @property
    def execution_input(self) -> Json:
        return self._draft.head.input.value

    @property
    def definition_id(self) -> str:
        return self._draft.head.definition_id

    @property
    def definition_name(self) -> str:
        return self._draft.head.definition_name

    @property
    def started_at(self) -> datetime:
        return self._draft.head.started_at

    @property
    def redrives(self) -> int:
        return self._draft.head.redrives

    @property
    def now(self) -> datetime:
        return self._draft.at

    def variable(self, name: str) -> Json:
        frame: Frame | None = self._frame
        while frame is not None:
            if name in frame.variables:
                return frame.variables[name].value
            frame = None if frame.parent is None else self._draft.frame(frame.parent)
        raise KeyError(name)

    def entropy(self) -> int:
        return self._draft.entropy()
