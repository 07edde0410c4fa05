"""What an engine tells whoever drives it."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from lsbench.plan import Stack
from lsbench.store import Row


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
