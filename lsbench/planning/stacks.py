"""Cells become stacks that train together; what is finished drops out. No torch here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from lsbench.names import resolve
from lsbench.names.reference import parse
from lsbench.rows.row import Row
from lsbench.spec import Cell, Fit

Stack = tuple[Cell, ...]  # cells that are trained together as one program
RERUN_FAILED, RERUN_ALL = "failed", "all"


def fits_of(cells: Iterable[Cell]) -> list[Fit]:
    """The cross-fits that cells of one stack need, each once."""
    return list(dict.fromkeys(fit for cell in cells if (fit := cell.fit)))


def count_networks(stack: Stack) -> int:
    """How many networks a stack trains, those of its cross-fits included."""
    return len(stack) + sum(fit.folds for fit in fits_of(stack))


def network_epochs(stack: Stack) -> int:
    """The epochs of all networks of a stack added up: what `run_stack` tells at its end."""
    return count_networks(stack) * stack[0].recipe.all_epochs


def whole_epochs(cells: Stack) -> float:
    """How many times the training part is gone through: in a cross-fit of K folds K - 1 times per epoch."""
    return (len(cells) + sum(fit.folds - 1 for fit in fits_of(cells))) * cells[0].recipe.all_epochs if cells else 0.0


def make_stacks(cells: Sequence[Cell], device: str = "cpu") -> list[Stack]:
    """Cells that share data, model and recipe, in the grid's order, cut into stacks of nearly equal size.

    Made from the whole grid before finished cells drop out, so that a resumed run trains the same programs.
    """
    return [
        stack for _, group in groupby(sorted(cells, key=_program), key=_program) for stack in _cut(tuple(group), device)
    ]


def unfinished(stacks: Sequence[Stack], finished: Mapping[str, Sequence[str]]) -> list[Stack]:
    """What is left to train, given the finished cells and, for each, the ids of the stack it was trained in.

    A finished cell stays in a stack only as a mate: where it was trained in this very stack, an unfinished cell of the
    stack needs it beside it to train to the same bits. Its row is not written again.
    """
    left = []
    for stack in stacks:
        ids = [cell.id for cell in stack]
        if not all(cell.id in finished for cell in stack):
            left.append(tuple(c for c in stack if c.id not in finished or list(finished[c.id]) == ids))
    return left


@dataclass(frozen=True)
class Work:
    """What a grid still needs, given the rows that are there."""

    cells: tuple[Cell, ...]  # the whole grid
    rows: Mapping[str, Row]  # of its cells, by id, as they were read
    wanted: frozenset[str]  # ids of the cells to train
    stacks: tuple[Stack, ...]  # that hold the wanted cells


def work_left(cells: Sequence[Cell], rows: Iterable[Row], device: str = "cpu", rerun: str | None = None) -> Work:
    """Which cells are to be trained: those without a row, and on request the `failed` ones or `all`."""
    ids = {cell.id for cell in cells}
    rows_by_id = {row.id: row for row in rows if row.id in ids}
    finished = [row for row in rows_by_id.values() if rerun is None or (rerun == RERUN_FAILED and row.status == "ok")]
    kept = {row.id: row.stack for row in finished}
    left = unfinished(make_stacks(cells, device), kept)
    return Work(tuple(cells), rows_by_id, frozenset(ids - kept.keys()), tuple(left))


def _program(cell: Cell) -> tuple:
    """What all cells of a stack share, as something that sorts."""
    sources = tuple(source for source in cell.sources if source[0] == "model")
    fold = (cell.folds, cell.seed % cell.folds) if cell.folds else (0, 0)  # folds differ in size
    program = (cell.dataset, cell.fingerprint, cell.model, repr(cell.recipe), cell.val, cell.train_size or 0)
    return (*program, fold, sources)


def _cut(cells: tuple[Cell, ...], device: str) -> list[Stack]:
    model = resolve.model(parse(cells[0].model).name)
    limit = model.stack_cuda if device == "cuda" else model.stack_cpu
    count = -(-len(cells) // limit)
    bounds = [round(i * len(cells) / count) for i in range(count + 1)]
    return [cells[low:high] for low, high in pairwise(bounds)]
