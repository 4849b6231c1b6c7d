"""The working copy of one execution while messages are handled: reads through to what is stored, records what changed.

Rules: only frames got from `touch` or `spawn` may be changed, and only by assigning their fields (never by changing a list or dict
that they hold); nothing of the underlying `Execution` changes. `step()` gives the changes and ends the draft.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conductor_local.engine.effects import AnyWork, Deliver
from conductor_local.engine.entropy import entropy
from conductor_local.engine.events import AnyEvent
from conductor_local.engine.messages import AnyMessage, Continue, WorkId
from conductor_local.engine.state import Execution, Frame, FrameStatus, Status, Step
from conductor_local.errors import EvaluationError
from conductor_local.payload import Json, Payload
from conductor_local.program import Body, ErrorName, Node, Program


class EventLimitReached(Exception):
    """The execution has as many events as it may; only its end may still be recorded."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What the engine does with one kind of node. `name` is its word in events.

    `enter(draft, frame, node, scope, arguments)` begins the work; `resume(draft, frame, node, message)` hears of it. Only
    composites have the rest, called with `(draft, frame, node)` and, where there is one, the child: `child_ended`, `child_failed`
    (before the failure is handled here), `failed` (nothing retries it), `redriven` (its unfinished children run again).
    """

    name: str
    enter: Callable[..., None]
    resume: Callable[["Draft", Frame, Any, AnyMessage], None] | None = None
    child_ended: Callable[["Draft", Frame, Any, Frame], None] | None = None
    child_failed: Callable[["Draft", Frame, Any, Frame], None] | None = None
    failed: Callable[["Draft", Frame, Any], None] | None = None
    redriven: Callable[["Draft", Frame, Any], None] | None = None


class Draft:
    """One execution being advanced. `at` is the instant of the message being handled."""

    __slots__ = (
        "_bodies",
        "_children",
        "_execution",
        "_frames",
        "_kinds",
        "_work",
        "at",
        "cancelled",
        "events",
        "head",
        "program",
        "ready",
    )

    def __init__(self, program: Program, execution: Execution, kinds: Mapping[type[Node], Kind]) -> None:
        self.program = program
        self.head = copy(execution.head)
        self.at = self.head.at
        self.events: list[AnyEvent] = []
        self.cancelled: list[WorkId] = []
        self.ready: deque[int] = deque()
        self._execution = execution
        self._frames: dict[int, Frame | None] = {}
        self._work: dict[WorkId, AnyWork] = {}
        self._kinds = kinds
        self._bodies: dict[int, Body] = {}
        self._children: dict[int, set[int]] | None = None

    def move_to(self, at: datetime) -> None:
        """Take over the instant of a message; time never goes backwards."""
        self.at = self.head.at = max(self.at, at)

    # frames

    def frame(self, frame_id: int) -> Frame | None:
        """Return a frame to look at, or None when there is none."""
        if frame_id in self._frames:
            return self._frames[frame_id]
        return self._execution.frames.get(frame_id)

    def touch(self, frame_id: int) -> Frame:
        """Return a frame to change."""
        if frame_id in self._frames:
            owned = self._frames[frame_id]
            assert owned is not None
            return owned
        owned = copy(self._execution.frames[frame_id])
        owned.memo = copy(owned.memo)
        self._frames[frame_id] = owned
        return owned

    def spawn(self, body: Body, input: Payload, parent: Frame | None = None, index: int = 0) -> Frame:
        """Make a frame that is about to enter the first node of `body`."""
        path = () if parent is None else (*parent.path, parent.node, index)
        frame = Frame(
            id=self.next_id(), parent=None if parent is None else parent.id, path=path, node=body.start, input=input,
            tail=0 if parent is None else parent.tail,
        )  # fmt: skip
        self._frames[frame.id] = frame
        self._bodies[frame.id] = body
        if parent is not None and self._children is not None:
            self._children.setdefault(parent.id, set()).add(frame.id)
        self.ready.append(frame.id)
        return frame

    def drop(self, frame_id: int) -> None:
        """Forget a frame."""
        frame = self.frame(frame_id)
        self._frames[frame_id] = None
        if frame is not None and frame.parent is not None and self._children is not None:
            self._children[frame.parent].discard(frame_id)

    def frames(self) -> Iterator[Frame]:
        """All frames there are now, in order of their ids."""
        for frame_id in sorted(self._execution.frames.keys() | self._frames.keys()):
            if frame := self.frame(frame_id):
                yield frame

    def children(self, parent: Frame) -> list[Frame]:
        """The frames right below `parent`, in the order of their index."""
        found = [self.frame(frame_id) for frame_id in self._children_by_parent().get(parent.id, ())]
        return sorted((frame for frame in found if frame is not None), key=lambda frame: frame.index)

    def _children_by_parent(self) -> dict[int, set[int]]:
        """Index the frames once a draft, when first somebody asks: a map of maps asks for every iteration."""
        if self._children is None:
            self._children = {}
            for frame in self.frames():
                if frame.parent is not None:
                    self._children.setdefault(frame.parent, set()).add(frame.id)
        return self._children

    def node(self, frame: Frame) -> Node:
        """Return the node at which a frame stands."""
        body = self._bodies.get(frame.id)
        if body is None:
            body = self._bodies[frame.id] = self.program.body_at(frame.path)
        return body.nodes[frame.node]

    def kind(self, node: Node) -> Kind:
        """Return what the engine does with a node."""
        return self._kinds[type(node)]

    def next_ready(self) -> Frame | None:
        """Take the next frame that has something to do, or None when all wait."""
        while self.ready:
            frame = self.frame(self.ready.popleft())
            if frame is not None and frame.status is FrameStatus.READY:
                return self.touch(frame.id)
        return None

    # ids, randomness, values

    def next_id(self) -> int:
        """Draw a number that is unique within the execution and the same on every replay."""
        drawn = self.head.next_id
        self.head.next_id += 1
        return drawn

    def work_id(self, frame: Frame | None) -> WorkId:
        """Name new work; the part before the dot leads back to the frame that waits for it (0: the execution)."""
        return f"{frame.id if frame else 0}.{self.next_id()}"

    def entropy(self) -> int:
        """Draw 64 bits of the execution's own randomness."""
        self.head.draws += 1
        return entropy(self.head.seed, self.head.draws)

    def payload(self, value: Json, frame: Frame) -> Payload:
        """Wrap a value that a node made. Raises `EvaluationError` when it is larger than a payload may be."""
        if value is frame.input.value:
            return frame.input
        return self.admit(Payload(value), frame)

    def admit(self, payload: Payload, frame: Frame, source: str | None = None) -> Payload:
        """Return a payload that came from `source` (None: the node). Raises `EvaluationError` when it is larger than one may be."""
        limit = self.program.limits.payload_bytes
        if payload.size > limit:
            raise EvaluationError(
                ErrorName.DATA_LIMIT,
                f"The state/task '{source or frame.node}' returned a result with a size exceeding the maximum number of bytes "
                "service limit.",
            )
        return payload

    # what goes out

    @property
    def is_history_full(self) -> bool:
        """Whether only one more event may go into the history: that of the end."""
        limit = self.program.limits.events
        return limit is not None and self.head.next_history_id >= limit

    def emit(
        self,
        event: AnyEvent,
        frame: Frame | None = None,
        *,
        cause: int | None = None,
        is_tail: bool = True,
        in_history: bool | None = None,
    ) -> None:
        """Record a fact. In the history it points back to `cause`, by default the frame's tail, and becomes the tail itself.

        `in_history` overrides what the kind of event says. Raises `EventLimitReached`.
        """
        head = self.head
        if frame is not None:
            event.frame, event.path = frame.id, frame.path
        if event.in_history if in_history is None else in_history:
            if self.is_history_full and head.status is Status.RUNNING:
                raise EventLimitReached
            event.history_id = head.next_history_id
            head.next_history_id += 1
            event.cause = (frame.tail if frame else 0) if cause is None else cause
            if is_tail and frame is not None:
                frame.tail = event.history_id
        if event.in_lifecycle:
            event.lifecycle_id = head.next_lifecycle_id
            head.next_lifecycle_id += 1
        event.seq = head.next_seq
        head.next_seq += 1
        self.events.append(event)

    def ask(self, work: AnyWork) -> None:
        """Ask for work."""
        self._work[work.id] = work

    def cancel(self, work_id: WorkId | None) -> None:
        """Take back work that was asked for, now or earlier."""
        if work_id is not None and self._work.pop(work_id, None) is None:
            self.cancelled.append(work_id)

    def step(self) -> Step:
        """Give what changed. Frames that are still ready leave a Continue behind."""
        if self.ready and self.head.continuing is None:
            self.head.continuing = self.work_id(None)
            self.ask(Deliver(id=self.head.continuing, due_at=self.at, message=Continue(at=self.at)))
        self.head.version += 1
        known = self._execution.frames
        frames = {id: frame for id, frame in self._frames.items() if frame is not None or id in known}
        return Step(
            head=self.head, frames=frames, events=self.events, work=list(self._work.values()), cancelled=self.cancelled
        )  # fmt: skip
