"""What an engine tells whoever drives it."""

from dataclasses import dataclass

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


Event = EpochDone | StackDone


def failed_rows(stack: Stack, error: str) -> list[Row]:
    """A row for each cell of a stack that an error ended."""
    return [Row(cell=cell, status="failed", error=error, stack=[c.id for c in stack]) for cell in stack]
