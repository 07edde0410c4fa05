"""`--tune lr`: a small range of values around each one's own, the same number of candidates for every loss that has it.

A hyperparameter of a loss (`gce.q`) has its range in the catalogue.

Which candidate is best is not decided here: `lsbench.analysis.tuning` picks it on held-out labels.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import product

from lsbench.errors import InputError, shown
from lsbench.names.catalogue import LOSSES
from lsbench.planning.hyper_axes import HyperAxes, loss_and_option, require_effect, with_hyper
from lsbench.spec import RECIPE_SETTINGS, Grid, Recipe

Range = Callable[[float], tuple[float, ...]]  # the value that would be used without tuning -> the values to try
DECAYS = (0.0, 1e-4, 1e-3)  # around a weight decay of 0


def _times(*factors: str) -> Range:
    """The value times each factor, in decimal, so that 0.1 times 0.1 is the 0.01 that a user would type."""
    return lambda own: tuple(float(Decimal(repr(float(own))) * Decimal(factor)) for factor in factors)


def _decays(own: float) -> tuple[float, ...]:
    return _times("0.1", "1", "10")(own) if own else DECAYS


def _batches(own: float) -> tuple[float, ...]:
    return tuple(dict.fromkeys((max(1, int(own) // 2), int(own), 2 * int(own))))


def _smoothing(own: float) -> tuple[float, ...]:
    return tuple(dict.fromkeys(min(1.0, value) for value in _times("0.5", "1", "2")(own)))


TUNED: dict[str, tuple[Range, str]] = {  # what can be tuned: its values, and what they are
    "lr": (_times("0.1", "1", "10"), "a tenth, once and ten times the recipe's"),
    "weight_decay": (_decays, "a tenth, once and ten times the recipe's; 0, 0.0001 and 0.001 where that is 0"),
    "batch_size": (_batches, "half, once and twice the recipe's"),
    "eps": (_smoothing, "half, once and twice --eps, for the losses that take one"),
}


OF_LOSSES = tuple(f"{loss}.{word}" for loss, entry in LOSSES.items() for word in entry.tuned)
TUNABLE = (*TUNED, *OF_LOSSES)  # all that can be tuned


def tuned_names(texts: Sequence[str]) -> tuple[str, ...]:
    """The names as they are in `TUNED`, `weight-decay` too, or LOSS.NAME; `InputError` for another."""
    tuned = tuple(dict.fromkeys(text if "." in text else text.replace("-", "_") for text in texts))
    for name in tuned:
        if name not in TUNABLE:
            own = f"or a hyperparameter of a loss ({', '.join(_near(name))})"
            raise InputError(
                f"what to tune must be one of {', '.join(TUNED)}, {own}; got {shown(name)}; for values of"
                " your own give a list: --hyper gce.q=0.5,0.7"
            )
    return tuned


def _near(name: str) -> Sequence[str]:
    """The hyperparameters of that loss, or of that name, or else an example."""
    loss, _, word = name.rpartition(".")
    same = [one for one in OF_LOSSES if loss == one.rpartition(".")[0] or (not loss and word == one.rpartition(".")[2])]
    return same or ["such as gce.q"]


def tuned_values(name: str, own: float) -> tuple[float, ...]:
    """The values to try, around the one that would be used without tuning.

    Example:
        >>> tuned_values("lr", 0.1), tuned_values("batch_size", 64)
        ((0.01, 0.1, 1.0), (32, 64, 128))
    """
    return TUNED[name][0](own)


def tuned_recipes(recipe: Recipe, tune: Sequence[str]) -> list[Recipe]:
    """The recipes to try, around one."""
    names = [name for name in tune if name in RECIPE_SETTINGS]
    values = [tuned_values(name, getattr(recipe, name)) for name in names]
    return [replace(recipe, **dict(zip(names, chosen, strict=True))) for chosen in product(*values)]


def tuned_eps(grid: Grid) -> tuple[float, ...]:
    """The smoothing values of a grid, those of `--tune eps` included."""
    return tuned_values("eps", grid.eps[0]) if "eps" in grid.tune else grid.eps


def tuned_losses(grid: Grid) -> tuple[str, ...]:
    """The losses of a grid, each once per value of what is tuned of it.

    Example:
        >>> tuned_losses(Grid(losses=("ce", "gce"), tune=("gce.q",)))
        ('ce', 'gce:q=0.5', 'gce:q=0.7', 'gce:q=0.9')
    """
    return with_hyper(grid.losses, _hyper_axes(grid.tune))


def _hyper_axes(tune: Sequence[str]) -> HyperAxes:
    pairs = [loss_and_option(name) for name in tune if name in OF_LOSSES]
    return {(loss, word): LOSSES[loss].tuned[word] for loss, word in pairs}


def require_one_value(grid: Grid) -> None:
    """Raise an `InputError` for what is to be tuned and has a list of values already, or can't be tuned."""
    tuned_names(grid.tune)
    given = {"eps": grid.eps, **dict(grid.recipe)}
    for name in grid.tune:
        if isinstance(value := given.get(name), tuple) and len(value) > 1:
            option = f"--{name.replace('_', '-')}"
            raise InputError(
                f"--tune {name} makes a range around one value, and {option} has several: leave out one of them"
            )
    require_effect("--tune", grid.losses, _hyper_axes(grid.tune))
