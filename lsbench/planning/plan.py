"""A grid becomes valid, unique cells: `check` finds what is wrong, `CheckedGrid.cells` is the product of the axes.

No torch here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from math import prod
from pathlib import Path
from typing import NamedTuple

from lsbench.data.describe import Description, describe, of_catalogue, require_known
from lsbench.data.origin import data_kind
from lsbench.errors import InputError
from lsbench.names import resolve
from lsbench.names.catalogue import DATASETS, FEATURES, IMAGES, KINDS
from lsbench.names.dataset_name import features_of, of_images
from lsbench.planning.axes import recipe_choices
from lsbench.planning.corrections import require_corrections, require_no_memory
from lsbench.planning.feasible import require_feasible, require_labels, require_noises, require_of_vectors
from lsbench.planning.holding_out import held_out_of
from lsbench.planning.identities import function_of
from lsbench.planning.models import PlannedModel, names_of_models, plan_model
from lsbench.planning.soft_labels import require_trainable
from lsbench.planning.sources import Sources, as_sources, loss_source, model_source, noise_source, weights_source
from lsbench.planning.tuning import require_one_value, tuned_eps, tuned_losses, tuned_recipes
from lsbench.spec import NO_NOISE, SAME, Arm, Cell, Grid

MOST_CELLS = 1_000_000
ALWAYS_TRAINED = ("ce", "lsr", "fused")  # the default question is whether they differ

NoiseSources = tuple[str, str]  # hashes of the noise of the training labels and of the test labels


class NoisePoint(NamedTuple):
    """Which labels are wrong; of rate 0 there is one kind, and one seed."""

    kind: str
    rate: float
    seed: int | None  # None: each cell's own
    test_kind: str
    test_rate: float
    test_seed: int


@dataclass(frozen=True)
class CheckedGrid:
    """A grid that makes sense, and its axes: each value is resolved once. `check` makes it."""

    grid: Grid
    models: Mapping[str, tuple[PlannedModel, ...]]  # by kind of data: each once per recipe
    arms: tuple[Arm, ...]  # without the hash of a user's own code
    noises: tuple[NoisePoint, ...]

    @cached_property
    def _replaced(self) -> dict[bool, dict[Arm, Arm]]:
        """By whether labels are clean: the arms that are not trained, and the arm that is trained instead of each."""
        arms = self.arms if self.grid.dedupe else ()
        return {clean: same_functions(arms, clean=clean) for clean in (True, False)}

    def same_functions(self, *, clean: bool) -> dict[Arm, Arm]:
        """Arms that are the same function of clean or noisy labels as another one, which is trained instead."""
        return self._replaced[clean]

    def cells(self, data_dir: Path | None = None) -> list[Cell]:
        """The cells, each once; `InputError` for what does not go with a data set of the user's."""
        for name in filter(features_of, self.grid.datasets):  # before hours may go into them
            images = describe(of_images(name), data_dir)
            require_labels(self.grid, images, data_dir)
            require_corrections(self.arms, images)
        datasets = [describe(name, data_dir) for name in self.grid.datasets]
        for data in datasets:
            require_feasible(self.grid, data, self.models[data.kind], data_dir)
            require_corrections(self.arms, data)
        return list({cell.id: cell for data in datasets for cell in self._cells_of(data)}.values())

    def _cells_of(self, data: Description) -> Iterator[Cell]:
        own = self._sources(data)
        axes = product(self.models[data.kind], self.noises, self.grid.seeds, self.arms)
        for model, noise, seed, arm in axes:
            if arm not in self._replaced[noise.rate == 0]:
                yield self._cell(data, model, noise, seed, arm, own[model.source_key, noise, arm])

    def _cell(
        self, data: Description, model: PlannedModel, noise: NoisePoint, seed: int, arm: Arm, own: Sources
    ) -> Cell:
        held_out = held_out_of(self.grid, data)
        return Cell(
            dataset=data.name,
            fingerprint=data.fingerprint,
            model=model.text,
            loss=arm.loss,
            hyper=arm.hyper,
            noise=noise.kind,
            noise_rate=noise.rate,
            noise_seed=noise.seed,
            test_noise=noise.test_kind,
            test_noise_rate=noise.test_rate,
            test_noise_seed=noise.test_seed,
            seed=seed,
            val=held_out.val,
            folds=held_out.folds,
            train_size=self.grid.train_size,
            recipe=model.recipe,
            sources=own,
        )

    def _sources(self, data: Description) -> dict[tuple[tuple[str, str], NoisePoint, Arm], Sources]:
        """What is the user's own, by (model and class weights, noise, arm): each is read once per data set."""
        models = {model.source_key: model for model in self.models[data.kind]}
        codes = {key: model_source(model.name) for key, model in models.items()}
        weights = {key: weights_source(model.recipe, data) for key, model in models.items()}
        losses = {arm: loss_source(arm, data) for arm in self.arms}
        noises = {noise: _noise_sources(noise, data) for noise in self.noises}
        return {
            (key, noise, arm): as_sources(losses[arm], codes[key], *noises[noise], data.groups, weights[key])
            for key, noise, arm in product(models, noises, losses)
        }


def expand(grid: Grid, data_dir: Path | None = None) -> list[Cell]:
    """The grid's cells, each once: rate 0 once for all kinds of noise, equal losses once unless asked otherwise."""
    return check(grid).cells(data_dir)


def check(grid: Grid) -> CheckedGrid:
    """Raise an `InputError` for whatever can be known to be wrong before any data set is read."""
    for name in grid.datasets:
        require_known(name)
    require_noises(grid)
    require_one_value(grid)
    _require_count(grid)
    models = {kind: planned_models(grid, kind) for kind in KINDS}
    checked = CheckedGrid(grid, models, tuple(arms_of(grid)), _noise_points(grid))
    for planned in models.values():
        require_no_memory(checked.arms, planned)
        require_trainable(grid, checked.arms, planned)
    for name in dict.fromkeys(grid.datasets):
        if data_kind(name) == FEATURES:
            require_of_vectors(name, models[FEATURES])
        elif name in DATASETS:  # the others are not known yet
            data = of_catalogue(name)
            require_feasible(grid, data, models[data.kind])
            require_corrections(checked.arms, data)
    return checked


def planned_models(grid: Grid, kind: str = IMAGES) -> tuple[PlannedModel, ...]:
    """Every model with every recipe that it is trained by on that kind of data, each once."""
    chosen = product(names_of_models(grid, kind), recipe_choices(grid.recipe))
    models = [plan_model(text, fields, kind) for text, fields in chosen]
    tuned = [replace(model, recipe=recipe) for model in models for recipe in tuned_recipes(model.recipe, grid.tune)]
    return tuple({(model.text, model.recipe): model for model in tuned}.values())


def arms_of(grid: Grid) -> list[Arm]:
    """Every loss with every eps that it takes, as they were asked for; those without eps once. `source` is not set."""
    return list(dict.fromkeys(arm for text in tuned_losses(grid) for arm in _arms(text, tuned_eps(grid))))


def _arms(text: str, grid_eps: Sequence[float]) -> list[Arm]:
    """One loss as it was written, once per eps of the grid that it takes; with none of them, or its own given, once."""
    name, hyper = resolve.hyper(text)
    entry = resolve.loss(name)
    values = [value for value in grid_eps if value < 0 or not entry.negative_eps]
    if "eps" not in hyper or "eps" in resolve.given_hyper(text) or not values:
        return [Arm(name, tuple(hyper.items()))]
    return [Arm(name, tuple({**hyper, "eps": float(value)}.items())) for value in values]


def same_functions(arms: Sequence[Arm], *, clean: bool) -> dict[Arm, Arm]:
    """Arms that are the same function of clean or noisy labels as another of them, which is trained instead."""
    kept: dict[tuple, Arm] = {}
    replaced: dict[Arm, Arm] = {}
    for arm in sorted(arms, key=lambda arm: arm.loss not in ALWAYS_TRAINED):
        first = kept.setdefault(function_of(arm.loss, dict(arm.hyper), clean=clean), arm)
        if first != arm and arm.loss not in ALWAYS_TRAINED:
            replaced[arm] = first
    return replaced


def _noise_points(grid: Grid) -> tuple[NoisePoint, ...]:
    points = product(grid.noises, grid.noise_rates)
    return tuple(dict.fromkeys(_noise_point(grid, kind, float(rate)) for kind, rate in points))


def _noise_point(grid: Grid, kind: str, rate: float) -> NoisePoint:
    test_rate = rate if grid.test_noise_rate == SAME else float(grid.test_noise_rate)
    return NoisePoint(
        kind=kind if rate else NO_NOISE,
        rate=rate,
        seed=grid.noise_seed if rate else None,
        test_kind=(grid.test_noise or kind) if test_rate else NO_NOISE,
        test_rate=test_rate,
        test_seed=grid.test_noise_seed if test_rate else 0,
    )


def _noise_sources(noise: NoisePoint, data: Description) -> NoiseSources:
    return noise_source(noise.kind, data), noise_source(noise.test_kind, data.test_part)


def _require_count(grid: Grid) -> None:
    axes = (grid.datasets, grid.models or ("",), grid.noises, grid.noise_rates, grid.seeds, grid.losses, grid.eps)
    recipes = [len(value) for value in dict(grid.recipe).values() if isinstance(value, tuple)]
    if (cells := prod(map(len, axes)) * prod(recipes)) > MOST_CELLS:
        raise InputError(f"this grid may have {cells:,} cells, the most is {MOST_CELLS:,}; give fewer values or seeds")
