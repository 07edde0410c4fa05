"""What is left of a grid, and what it will take: from rows of the same shape that were measured."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median

from lsbench.planning.stacks import Stack, Work
from lsbench.rows.row import Row
from lsbench.spec import Cell

Shape = tuple[str | int | float | None, ...]  # what decides the time of an epoch


@dataclass(frozen=True)
class Cost:
    """A plan in numbers; None where nothing of the same shape was measured."""

    cells: int
    done: int
    failed: int  # or diverged; trained again only on request
    to_do: int
    stacks: int
    seconds: float | None  # wall-clock on `jobs` workers
    bytes: int | None  # of row files
    measured: int  # rows that the estimate rests on
    unmeasured: tuple[Stack, ...]  # one stack of each shape that nothing is known of


def shape_of(cell: Cell) -> Shape:
    """What decides the time of an epoch; the loss hardly does."""
    return (
        cell.dataset,
        cell.model,
        cell.train_size,
        cell.val,
        cell.recipe.batch_size,
        cell.recipe.optimizer,
        cell.recipe.precision,
        cell.recipe.augment,
    )


def estimate(work: Work, rows: Iterable[Row], row_bytes: Callable[[Cell], float] | None, jobs: int) -> Cost:
    """The cost of what is to do, from the median seconds per epoch of measured rows."""
    measured: dict[Shape, list[float]] = {}
    for row in rows:
        if row.status == "ok" and row.seconds:
            measured.setdefault(shape_of(row.cell), []).append(row.seconds / row.cell.recipe.all_epochs)
    wanted = [cell for cell in work.cells if cell.id in work.wanted]
    shapes = {shape_of(stack[0]): stack for stack in work.stacks}
    known = {shape: median(measured[shape]) for shape in shapes if shape in measured}
    seconds = sum(known.get(shape_of(cell), 0.0) * cell.recipe.all_epochs for cell in wanted)
    states = Counter(row.status == "ok" for row in work.rows.values() if row.id not in work.wanted)
    return Cost(
        cells=len(work.cells),
        done=states[True],
        failed=states[False],
        to_do=len(wanted),
        stacks=len(work.stacks),
        seconds=seconds / max(1, min(jobs, len(work.stacks))) if len(known) == len(shapes) else None,
        bytes=None if row_bytes is None else int(sum(map(row_bytes, wanted))),
        measured=sum(len(measured[shape]) for shape in known),
        unmeasured=tuple(stack for shape, stack in shapes.items() if shape not in known),
    )
