"""A short training of what was never measured, so that a plan can say how long a grid takes."""

from collections.abc import Sequence
from dataclasses import replace

from lsbench.planning.stacks import Stack
from lsbench.rows.row import Row
from lsbench.spec import Place
from lsbench.workers.events import StackDone
from lsbench.workers.local import run_all
from lsbench.workers.queues import StackQueue


def three_epochs_of(stacks: Sequence[Stack], place: Place) -> list[Row]:
    """Rows of three epochs of each stack, trained in one process that has trained one before, and kept nowhere."""
    short = [
        tuple(replace(cell, recipe=replace(cell.recipe, epochs=epochs)) for cell in stack)
        for stack in stacks
        for epochs in (1, 3)
    ]
    rows = [row for event in run_all(StackQueue(short), place) if isinstance(event, StackDone) for row in event.rows]
    return [row for row in rows if row.cell.recipe.epochs == 3]
