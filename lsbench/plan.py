"""A grid becomes valid, unique cells; cells become stacks; finished ones drop out. No torch here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise, product
from math import prod
from pathlib import Path

from lsbench.catalogue import DATASETS, LOSSES, MODELS, NOISES
from lsbench.data.sources import fingerprint
from lsbench.errors import InputError
from lsbench.registry import lookup
from lsbench.spec import NO_NOISE, Cell, Grid, Recipe
from lsbench.store import Row

Stack = tuple[Cell, ...]  # cells that are trained together as one program
MOST_CELLS = 1_000_000
RERUN_FAILED, RERUN_ALL = "failed", "all"


def validate(grid: Grid) -> None:
    """Raise an `InputError` for whatever can be known to be wrong before any data set is looked at."""
    for kind, table, names in (
        ("data set", DATASETS, grid.datasets),
        ("model", MODELS, grid.models),
        ("loss", LOSSES, grid.losses),
        ("noise", NOISES, grid.noises),
    ):
        for name in names:
            lookup(table, kind, name)
    for name in grid.models:
        recipe_of(name, grid)
    _check_asymmetric(grid)
    _check_size(grid)


def recipe_of(model: str, grid: Grid) -> Recipe:
    """The model's own recipe but for what was asked; an sgd's learning rate is none for adam."""
    own, asked = dict(MODELS[model].recipe), dict(grid.recipe)
    if str(asked.get("optimizer", "")).startswith("adam"):
        own["lr"] = MODELS[model].adam_lr
    return Recipe(**{**own, **asked})


def expand(grid: Grid, data_dir: Path | None = None) -> list[Cell]:
    """The grid's cells, each once: losses without eps once, the others once per eps; rate 0 once for all kinds."""
    validate(grid)
    prints = {name: fingerprint(name, data_dir) for name in grid.datasets}
    recipes = {name: recipe_of(name, grid) for name in grid.models}
    arms = [(loss, hyper) for loss in grid.losses for hyper in _hypers(loss, grid.eps)]
    cells = (
        Cell(
            dataset=dataset,
            fingerprint=prints[dataset],
            model=model,
            loss=loss,
            hyper=hyper,
            noise=noise if rate else NO_NOISE,
            noise_rate=float(rate),
            seed=seed,
            val=float(grid.val),
            train_size=grid.train_size,
            recipe=recipes[model],
        )
        for dataset, model, noise, rate, seed, (loss, hyper) in product(
            grid.datasets, grid.models, grid.noises, grid.noise_rates, grid.seeds, arms
        )
    )
    return list({cell.id: cell for cell in cells}.values())


def stacks(cells: Sequence[Cell], device: str = "cpu") -> list[Stack]:
    """Cells that share data, model and recipe, in the grid's order, cut into stacks of nearly equal size.

    Made from the whole grid before finished cells drop out, so that a resumed run trains the same programs.
    """
    return [
        stack for _, group in groupby(sorted(cells, key=_program), key=_program) for stack in _cut(tuple(group), device)
    ]


def to_do(stacks: Sequence[Stack], finished: Mapping[str, Sequence[str]]) -> list[Stack]:
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
    rows: Mapping[str, Row]  # of its cells, by id, as they were found
    wanted: frozenset[str]  # ids of the cells to train
    stacks: tuple[Stack, ...]  # that hold the wanted cells


def survey(cells: Sequence[Cell], rows: Iterable[Row], device: str = "cpu", rerun: str | None = None) -> Work:
    """Which cells are to be trained: those without a row, and on request the `failed` ones or `all`."""
    ids = {cell.id for cell in cells}
    found = {row.id: row for row in rows if row.id in ids}
    kept = {
        row.id: row.stack for row in found.values() if rerun is None or (rerun == RERUN_FAILED and row.status == "ok")
    }
    left = to_do(stacks(cells, device), kept)
    return Work(tuple(cells), found, frozenset(ids - kept.keys()), tuple(left))


def _hypers(loss: str, eps: Sequence[float]) -> list[tuple[tuple[str, float], ...]]:
    hyper = LOSSES[loss].hyper
    if "eps" not in hyper:
        return [tuple(hyper.items())]
    return [tuple({**hyper, "eps": float(value)}.items()) for value in eps]


def _check_size(grid: Grid) -> None:
    axes = (grid.datasets, grid.models, grid.noises, grid.noise_rates, grid.seeds, grid.losses, grid.eps)
    if (cells := prod(map(len, axes))) > MOST_CELLS:
        raise InputError(f"this grid may have {cells:,} cells, the most is {MOST_CELLS:,}; give fewer values or seeds")
    for name in grid.datasets:
        total = DATASETS[name].train_examples
        left = total - int(grid.val * total)
        if grid.train_size is not None and grid.train_size > left:
            raise InputError(f"--train-size {grid.train_size:,}: {name!r} has {left:,} training examples left")


def _check_asymmetric(grid: Grid) -> None:
    for name in grid.datasets:
        if "asymmetric" in grid.noises and not DATASETS[name].asymmetric:
            raise InputError(f"data set {name!r} has no standard map for asymmetric noise; try symmetric or pairflip")


def _program(cell: Cell) -> tuple:
    """What all cells of a stack share, as something that sorts."""
    return (cell.dataset, cell.model, repr(cell.recipe), cell.val, cell.train_size or 0)


def _cut(cells: tuple[Cell, ...], device: str) -> list[Stack]:
    model = MODELS[cells[0].model]
    limit = model.stack_cuda if device == "cuda" else model.stack_cpu
    count = -(-len(cells) // limit)
    bounds = [round(i * len(cells) / count) for i in range(count + 1)]
    return [cells[low:high] for low, high in pairwise(bounds)]
