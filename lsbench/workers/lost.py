"""A stack that gave no rows, and what becomes of it: it is divided until the guilty cell is alone, and fails."""

from collections.abc import Iterator
from typing import NamedTuple

from lsbench.plan import Stack
from lsbench.workers.events import StackDone, failed_rows


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
