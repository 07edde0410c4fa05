"""A grid whose losses a cheap study chooses, as `lsbench.compare` has it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from lsbench.analysis.criteria import full_name
from lsbench.analysis.picking import require_held_out
from lsbench.analysis.screening.carried import carried_options, new_seeds
from lsbench.analysis.screening.choosing import Chosen, choose_arms
from lsbench.analysis.screening.place import rows_of_one_place
from lsbench.errors import InputError, require_whole
from lsbench.names.plain import plain
from lsbench.planning.axes import AXES
from lsbench.planning.study import grid_of
from lsbench.rows import store
from lsbench.spec import RECIPE_SETTINGS, Grid

FIELDS = {option: axis for option, (axis, _) in AXES.items()} | {
    "test_noise": "test_noise_rate",
    "test_noise_kind": "test_noise",
}  # of a grid, by option, where they are not called the same


def chosen_grid(grid: Grid, arguments: Mapping[str, Any]) -> tuple[Grid, Chosen]:
    """The grid with the best losses of a cheap study, and what else was not given as there; how they were chosen.

    Args:
        grid: what was asked for.
        arguments: those of `lsbench.compare`; None is not given. `from_results` is the folder of the cheap study, `top`
            how many losses, and `by` what chooses, on held-out examples. `seeds`, where it is a count, are so many that
            the choice has not seen.

    Raises:
        InputError: nothing can be chosen (see `choose_arms` and `rows_of_one_place`), or what does not go together.
    """
    _require_compatible(grid, arguments)
    source, given, seeds = str(arguments["from_results"]), _given(grid, arguments), plain(arguments["seeds"])
    rows = rows_of_one_place(store.read(Path(source))[0], source, grid, given)
    chosen = choose_arms(rows, source, arguments["top"], full_name(arguments["by"]))
    carried = carried_options(rows, given)
    there, names = grid_of(carried), [name for name in carried if name not in RECIPE_SETTINGS]
    changes: dict[str, Any] = {FIELDS.get(name, name): getattr(there, FIELDS.get(name, name)) for name in names}
    new = grid.seeds if isinstance(seeds, Iterable) else new_seeds(seeds, chosen.screening.seeds)
    recipe = {**there.recipe, **grid.recipe}
    return replace(grid, **changes, losses=chosen.losses, seeds=new, recipe=recipe), chosen


def _require_compatible(grid: Grid, arguments: Mapping[str, Any]) -> None:
    for name in ("losses", "eps", "hyper"):
        if arguments[name] is not None:
            raise InputError(f"from_results chooses the losses and their values: leave out {name}")
    if own := [name for name in grid.tune if name not in RECIPE_SETTINGS]:
        raise InputError(
            f"from_results chooses the values of the losses, so that they can't be tuned: leave out {own[0]}"
        )
    require_whole("top", arguments["top"], 1, 10**6)
    require_held_out(full_name(arguments["by"]), "from_results")


def _given(grid: Grid, arguments: Mapping[str, Any]) -> set[str]:
    """The options that were given, by the names of `run`'s, fields of the recipe included."""
    names = {name for name, value in arguments.items() if value is not None} - {"test_noise_seed"}
    return {"dataset" if name == "data" else name for name in names} | set(grid.recipe)
