"""What a costlier study takes over from the cheap one that chose its arms, where nothing else is asked for."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from itertools import count, islice
from typing import Any

from lsbench.names.dataset_name import of_images
from lsbench.rows.row import Row
from lsbench.spec import RECIPE_SETTINGS, Cell, Recipe


def carried_options(rows: Sequence[Row], given: Collection[str]) -> dict[str, Any]:
    """Options of `run`, as a study file has them, of what these rows share and `given` does not name.

    The data set without features, its noise, and what is held out. The model and its recipe only where the images stay
    what they are and there is one of them, and no model is given. Not how many examples are trained on, nor the seeds.
    """
    cell = rows[0].cell
    carried = {"dataset": (of_images(cell.dataset),), **_noise(cell, given), **_held_out(cell, given)}
    models, recipes = ({getattr(row.cell, name) for row in rows} for name in ("model", "recipe"))
    if "model" not in given and len(models) == 1 and _same_images(rows, given):
        carried["model"] = (cell.model,)
        carried |= _recipe(cell.recipe, given) if len(recipes) == 1 else {}
    return {name: value for name, value in carried.items() if name not in given and value is not None}


def new_seeds(number: int, taken: Iterable[int]) -> tuple[int, ...]:
    """The smallest seeds that are not taken, so many.

    Example:
        >>> new_seeds(3, [0, 1, 4])
        (2, 3, 5)
    """
    used = set(taken)
    return tuple(islice((seed for seed in count() if seed not in used), number))


def _noise(cell: Cell, given: Collection[str]) -> dict[str, Any]:
    if "noise" in given and "noise_kind" in given:
        return {}
    test = {
        "test_noise": cell.test_noise_rate,
        "test_noise_kind": cell.test_noise,
        "test_noise_seed": cell.test_noise_seed or None,
    }
    return {
        "noise": (cell.noise_rate,),
        **({"noise_kind": (cell.noise,), "noise_seed": cell.noise_seed} if cell.noise_rate else {}),
        **(test if cell.test_noise_rate and not {"test_noise", "test_noise_kind"} & set(given) else {}),
    }


def _held_out(cell: Cell, given: Collection[str]) -> dict[str, Any]:
    if {"val", "folds", "dataset"} & set(given):
        return {}
    return {"folds": cell.folds} if cell.folds else {"val": cell.val}


def _same_images(rows: Iterable[Row], given: Collection[str]) -> bool:
    """Whether the model of these rows can be trained again: no features were left out, and no other data were given."""
    return not {"dataset", "features"} & set(given) and all(
        of_images(row.cell.dataset) == row.cell.dataset for row in rows
    )


def _recipe(recipe: Recipe, given: Collection[str]) -> dict[str, Any]:
    """The fields of the recipe; none beside a named one, and no learning rate beside another optimizer."""
    if "recipe" in given:
        return {}
    left_out = {"lr"} if "optimizer" in given else set()
    return {name: value for name, value in asdict(recipe).items() if name in RECIPE_SETTINGS and name not in left_out}
