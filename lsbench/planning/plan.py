"""A grid becomes valid, unique cells; cells become stacks; finished ones drop out. No torch here."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise, product
from math import prod
from pathlib import Path

from lsbench.data.augmentation import written
from lsbench.data.describe import Description, describe, of_catalogue, require_known
from lsbench.errors import InputError, require_choice
from lsbench.names import resolve
from lsbench.names.catalogue import DATASETS, OPTIMIZERS, ModelEntry
from lsbench.names.reference import parse
from lsbench.names.registry import lookup
from lsbench.noise.files import has_file
from lsbench.noise.inputs import content_hash
from lsbench.planning.feasible import require_feasible, require_noises
from lsbench.planning.identities import function_of
from lsbench.rows.row import Row
from lsbench.spec import NO_NOISE, Arm, Cell, Grid, Recipe

Stack = tuple[Cell, ...]  # cells that are trained together as one program
MOST_CELLS = 1_000_000
ALWAYS_TRAINED = ("ce", "lsr", "fused")  # the default question is whether they differ
RERUN_FAILED, RERUN_ALL = "failed", "all"


def validate(grid: Grid) -> None:
    """Raise an `InputError` for whatever can be known to be wrong before any data set is looked at."""
    for name in grid.datasets:
        require_known(name)
    require_noises(grid)
    recipes = {name: recipe_of(name, grid) for name in grid.models}
    arms_of(grid)
    _check_memory(grid)
    _check_count(grid)
    for name in dict.fromkeys(grid.datasets):
        if name in DATASETS:  # the others are not known yet
            require_feasible(grid, of_catalogue(name), recipes)


def recipe_of(model: str, grid: Grid) -> Recipe:
    """The model's own recipe but for what was asked; an sgd's learning rate is none for adam."""
    entry, asked = resolve.model(parse(resolve.model_text(model)).name), dict(grid.recipe)
    own = dict(entry.recipe)
    if "optimizer" in asked:
        own["lr"] = default_lr(asked["optimizer"], entry)
    recipe = Recipe(**{**own, **asked})
    return replace(recipe, augment=written(recipe.augment))


def default_lr(optimizer: str, model: ModelEntry) -> float:
    """The learning rate that goes with an optimiser where none was asked for; `InputError` for an unknown one."""
    require_choice("optimizer", optimizer, tuple(OPTIMIZERS))
    lr = OPTIMIZERS[optimizer].lr
    if isinstance(lr, str):
        return lookup({"recipe": model.recipe.get("lr", Recipe.lr), "adam_lr": model.adam_lr}, "learning rate", lr)
    return lr


def arms_of(grid: Grid) -> list[Arm]:
    """Every loss with every eps that it takes, as they were asked for; those without eps once. `source` is not set."""
    return list(dict.fromkeys(arm for text in grid.losses for arm in _arms(text, grid.eps)))


def same_functions(grid: Grid, *, clean: bool) -> dict[Arm, Arm]:
    """Arms that are the same function of clean or noisy labels as another one, which is trained in their place."""
    kept: dict[tuple, Arm] = {}
    dropped: dict[Arm, Arm] = {}
    for arm in sorted(arms_of(grid) if grid.dedupe else [], key=lambda arm: arm.loss not in ALWAYS_TRAINED):
        first = kept.setdefault(function_of(arm.loss, dict(arm.hyper), clean=clean), arm)
        if first != arm and arm.loss not in ALWAYS_TRAINED:
            dropped[arm] = first
    return dropped


def expand(grid: Grid, data_dir: Path | None = None) -> list[Cell]:
    """The grid's cells, each once: rate 0 once for all kinds of noise, equal losses once unless asked otherwise."""
    validate(grid)
    described = {name: describe(name, data_dir) for name in grid.datasets}
    recipes = {name: recipe_of(name, grid) for name in grid.models}
    for known in described.values():
        require_feasible(grid, known, recipes)
    models = {name: resolve.model_text(name) for name in grid.models}
    dropped = {clean: same_functions(grid, clean=clean) for clean in (True, False)}
    arms = arms_of(grid)
    kinds = {noise if rate else NO_NOISE for noise in grid.noises for rate in grid.noise_rates}
    noises = {(name, kind): _noise_source(kind, described[name]) for name in grid.datasets for kind in kinds}
    sources = {
        (dataset, model, kind, loss): _sources(models[model], loss, noise)
        for (dataset, kind), noise in noises.items()
        for model, loss in product(grid.models, {arm.loss for arm in arms})
    }
    cells = (
        Cell(
            dataset=described[dataset].name,
            fingerprint=described[dataset].fingerprint,
            model=models[model],
            loss=arm.loss,
            hyper=arm.hyper,
            noise=noise if rate else NO_NOISE,
            noise_rate=float(rate),
            seed=seed,
            val=float(grid.val),
            train_size=grid.train_size,
            recipe=recipes[model],
            sources=sources[dataset, model, noise if rate else NO_NOISE, arm.loss],
        )
        for dataset, model, noise, rate, seed, arm in product(
            grid.datasets, grid.models, grid.noises, grid.noise_rates, grid.seeds, arms
        )
        if arm not in dropped[rate == 0]
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


def _arms(text: str, grid_eps: Sequence[float]) -> list[Arm]:
    """One loss as it was written, once per eps of the grid that it takes; with none of them, or its own given, once."""
    name, hyper = resolve.hyper(text)
    entry = resolve.loss(name)
    values = [value for value in grid_eps if value < 0 or not entry.negative_eps]
    if "eps" not in hyper or "eps" in resolve.given_hyper(text) or not values:
        return [Arm(name, tuple(hyper.items()))]
    return [Arm(name, tuple({**hyper, "eps": float(value)}.items())) for value in values]


def sources_of(model: str, noise: str, loss: str, data: Description) -> tuple[tuple[str, str], ...]:
    """What of a cell is not this package's code, as hashes."""
    return _sources(model, loss, _noise_source(noise, data))


def code_of(cell: Cell) -> dict[str, dict[str, str]]:
    """Of each part of a cell that is the user's code, a hash of every source behind it, by the source's name."""
    names = {"loss": cell.loss, "model": parse(cell.model).name, "noise": cell.noise}
    behind = {role: resolve.code_of(role, names[role]) for role, _ in cell.sources}
    return {
        role: {name: hashlib.sha256(source).hexdigest()[:16] for name, source in of.items()}
        for role, of in behind.items()
        if of
    }


def _sources(model: str, loss: str, noise: str) -> tuple[tuple[str, str], ...]:
    found = {
        "loss": resolve.source_of("loss", loss),
        "model": resolve.source_of("model", parse(model).name),
        "noise": noise,
    }
    return tuple((role, digest) for role, digest in found.items() if digest)


def _noise_source(noise: str, data: Description) -> str:
    if noise == NO_NOISE:
        return ""
    return content_hash(noise, data) if has_file(noise) else resolve.source_of("noise", noise)


def _check_count(grid: Grid) -> None:
    axes = (grid.datasets, grid.models, grid.noises, grid.noise_rates, grid.seeds, grid.losses, grid.eps)
    if (cells := prod(map(len, axes))) > MOST_CELLS:
        raise InputError(f"this grid may have {cells:,} cells, the most is {MOST_CELLS:,}; give fewer values or seeds")


def _check_memory(grid: Grid) -> None:
    """A loss that remembers each example's target has none for a mixture of two."""
    names = [arm.loss for arm in arms_of(grid) if resolve.loss(arm.loss).memory]
    if names and dict(grid.recipe).get("mixup") is not None:
        raise InputError(f"{names[0]!r} remembers each example and mixup makes new ones; leave out one of them")


def _program(cell: Cell) -> tuple:
    """What all cells of a stack share, as something that sorts."""
    sources = tuple(source for source in cell.sources if source[0] == "model")
    return (cell.dataset, cell.fingerprint, cell.model, repr(cell.recipe), cell.val, cell.train_size or 0, sources)


def _cut(cells: tuple[Cell, ...], device: str) -> list[Stack]:
    model = resolve.model(parse(cells[0].model).name)
    limit = model.stack_cuda if device == "cuda" else model.stack_cpu
    count = -(-len(cells) // limit)
    bounds = [round(i * len(cells) / count) for i in range(count + 1)]
    return [cells[low:high] for low, high in pairwise(bounds)]
