"""Cells become stacks that train together; what is finished drops out. No torch here."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path

from lsbench.data.describe import describe
from lsbench.names import resolve
from lsbench.names.catalogue.engines import TORCH
from lsbench.names.reference import parse
from lsbench.planning.engine_stacks import cells_at_once
from lsbench.planning.holding_out import HeldOut, held_out_count
from lsbench.rows.provenance import usable_cores
from lsbench.rows.row import Row
from lsbench.spec import Cell, Fit

Stack = tuple[Cell, ...]  # cells that are trained together as one program
Fold = tuple[str, int, int]  # data set, number of folds, which of them
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


def make_stacks(
    cells: Sequence[Cell], device: str = "cpu", data_dir: Path | None = None, engine: str = TORCH
) -> list[Stack]:
    """Cells that share data, model, recipe and the number of examples, cut into stacks of nearly equal size.

    Cells with one loss go to one stack, where that is possible, and cells of one seed are neighbours in it: so the
    former share the calls of their loss, the latter their batches. Made from the whole grid before finished cells drop
    out, so that a resumed run trains the same programs. `engine` says what computes their steps, which decides how many
    cells make a stack.
    """
    held_out = _held_out_counts(cells, data_dir)
    ordered = sorted(((_program(cell, held_out), cell) for cell in cells), key=itemgetter(0))
    groups = (tuple(cell for _, cell in group) for _, group in groupby(ordered, key=itemgetter(0)))
    return [stack for group in groups for stack in _cut(group, device, engine, data_dir)]


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


def work_left(
    cells: Sequence[Cell],
    rows: Iterable[Row],
    device: str = "cpu",
    rerun: str | None = None,
    data_dir: Path | None = None,
    engine: str = TORCH,
) -> Work:
    """Which cells are to be trained: those without a row, and on request the `failed` ones or `all`."""
    ids = {cell.id for cell in cells}
    rows_by_id = {row.id: row for row in rows if row.id in ids}
    finished = [row for row in rows_by_id.values() if rerun is None or (rerun == RERUN_FAILED and row.status == "ok")]
    kept = {row.id: row.stack for row in finished}
    left = unfinished(make_stacks(cells, device, data_dir, engine), kept)
    return Work(tuple(cells), rows_by_id, frozenset(ids - kept.keys()), tuple(left))


def _program(cell: Cell, held_out: Mapping[Fold, int]) -> tuple:
    """What all cells of a stack share, as something that sorts; held_out: how many examples each fold has."""
    sources = tuple(source for source in cell.sources if source[0] == "model")
    folds = (cell.folds, held_out[_fold(cell)]) if cell.folds else (0, 0)
    program = (cell.dataset, cell.fingerprint, cell.model, repr(cell.recipe), cell.val, cell.train_size or 0)
    return (*program, folds, sources)


def _fold(cell: Cell) -> Fold:
    folds = cell.folds or 1
    return cell.dataset, folds, cell.seed % folds


def _held_out_counts(cells: Iterable[Cell], data_dir: Path | None) -> dict[Fold, int]:
    """How many examples each fold of the cells holds out."""
    folds = {_fold(cell) for cell in cells if cell.folds}
    return {
        fold: held_out_count(describe(fold[0], data_dir), HeldOut(0.0, fold[1]), fold[2], data_dir) for fold in folds
    }


def in_own_stacks(cells: Stack, device: str) -> list[Stack]:
    """The stacks in which torch trains cells that were planned as one stack for another engine."""
    return [cells] if len(cells) <= _most(cells, device) else _cut(cells, device)


def _limit(cells: Stack, device: str) -> int:
    """How many of these cells torch trains at once; larger stacks are quicker, and every core should have one."""
    most = _most(cells, device)
    if device == "cuda":
        return most
    share = -(-len(cells) // usable_cores())
    return min(most, max(resolve.model(parse(cells[0].model).name).stack_cpu, share))


def _most(cells: Stack, device: str) -> int:
    """The largest stack of such cells that torch is ever given."""
    model = resolve.model(parse(cells[0].model).name)
    return model.stack_cuda if device == "cuda" else max(model.stack_cpu, model.most_cpu)


def _cut(cells: Stack, device: str, engine: str = TORCH, data_dir: Path | None = None) -> list[Stack]:
    limit = cells_at_once(cells[0], len(cells), device, engine, data_dir) or _limit(cells, device)
    count = -(-len(cells) // limit)
    bounds = [round(i * len(cells) / count) for i in range(count + 1)]
    if limit == 1:  # one seed after the other
        return [cells[low:high] for low, high in pairwise(bounds)]
    by_arm = _brought_together(cells, lambda cell: cell.arm)
    return [_brought_together(by_arm[low:high], lambda cell: cell.seed) for low, high in pairwise(bounds)]


def _brought_together(cells: Stack, key: Callable[[Cell], Hashable]) -> Stack:
    """The cells with equal keys side by side, in the order in which they come first."""
    places = {each: place for place, each in enumerate(dict.fromkeys(map(key, cells)))}
    return tuple(sorted(cells, key=lambda cell: places[key(cell)]))
