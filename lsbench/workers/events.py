"""What an engine is given, what it tells whoever drives it, and what becomes of a stack that gave no rows."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from lsbench.planning.plan import Stack
from lsbench.rows.row import Row


@dataclass(frozen=True)
class EpochDone:
    """A stack has finished so many epochs."""

    stack: Stack
    epochs: int


@dataclass(frozen=True)
class StackDone:
    """A stack has ended, with one row per cell, failed ones included."""

    stack: Stack
    rows: list[Row]
    log: str = ""  # what a failed stack printed


@dataclass(frozen=True)
class Waiting:
    """Nothing is left to do but stacks that other runs hold."""

    stacks: int


Event = EpochDone | StackDone | Waiting


class Stacks(Protocol):
    """Where an engine gets its stacks from."""

    def __len__(self) -> int:
        """How many are left."""
        ...

    def take(self) -> Stack | None:
        """The next one, or None where it may come later."""
        ...


class Given:
    """Stacks that nobody else can want."""

    def __init__(self, stacks: Sequence[Stack]) -> None:
        self.left = deque(stacks)

    def __len__(self) -> int:
        return len(self.left)

    def take(self) -> Stack | None:
        """The next one."""
        return self.left.popleft() if self.left else None


def failed_rows(stack: Stack, error: str) -> list[Row]:
    """A row for each cell of a stack that an error ended."""
    return [Row(cell=cell, status="failed", error=error, stack=[c.id for c in stack]) for cell in stack]


class Lost(NamedTuple):
    """A stack that gave no rows, and why."""

    stack: Stack
    error: str  # one sentence
    log: str = ""  # a traceback, or what the process printed before it died
    started: bool = True  # False where the process died before it had begun: the stack is not to blame
    overdue: bool = False


def divide(lost: Lost) -> list[Stack]:
    """Its halves, after a time limit its cells one by one; nothing where it is one cell, which fails."""
    if len(lost.stack) == 1:
        return []
    size = 1 if lost.overdue else -(-len(lost.stack) // 2)
    return [lost.stack[i : i + size] for i in range(0, len(lost.stack), size)]


def failure(lost: Lost) -> Iterator[StackDone]:
    """The end of a stack that can't be divided: one bad cell never costs another."""
    if len(lost.stack) == 1:
        yield StackDone(lost.stack, failed_rows(lost.stack, lost.error), lost.log)
