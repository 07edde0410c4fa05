"""What an engine tells whoever started it, and what becomes of a stack that gave no rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lsbench.planning.stacks import Stack
from lsbench.rows.row import Row


@dataclass(frozen=True)
class EpochDone:
    """A stack has finished so many epochs, those of all its networks added up; 0 where it begins again."""

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


class FailedStack(NamedTuple):
    """A stack that gave no rows, and why."""

    stack: Stack
    error: str  # one sentence
    log: str = ""  # a traceback, or what the process printed before it died
    started: bool = True  # False where the process died before it had begun: the stack is not the cause
    overdue: bool = False


def divide(failed: FailedStack) -> list[Stack]:
    """Its halves, after a time limit its cells one by one; nothing where it is one cell, which fails."""
    if len(failed.stack) == 1:
        return []
    size = 1 if failed.overdue else -(-len(failed.stack) // 2)
    return [failed.stack[i : i + size] for i in range(0, len(failed.stack), size)]


def failure(failed: FailedStack) -> Iterator[StackDone]:
    """The end of a stack that can't be divided: one bad cell never costs another."""
    if len(failed.stack) == 1:
        yield StackDone(failed.stack, failed_rows(failed.stack, failed.error), failed.log)


def failed_rows(stack: Stack, error: str) -> list[Row]:
    """A row for each cell of a stack that an error ended."""
    return [Row(cell=cell, status="failed", error=error, stack=[c.id for c in stack]) for cell in stack]
