"""A part of a protocol, as the user chose it: grids with fewer losses, noise rates or epochs."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from lsbench.errors import InputError
from lsbench.names.reference import parse
from lsbench.planning import plan
from lsbench.protocols.protocol import Published
from lsbench.spec import Grid


def keep_losses(grids: Sequence[Grid], only: Collection[str]) -> list[Grid | None]:
    """The grids with those losses alone, by name or as written; None for one that has none of them.

    `InputError` that lists the protocol's losses where one is not among them.
    """
    trained = list(dict.fromkeys(text for grid in grids for text in grid.losses))
    names = {*trained, *(parse(text).name for text in trained)}
    if unknown := [name for name in only if name not in names]:
        raise InputError(f"--only {unknown[0]}: this protocol trains {', '.join(trained)}")
    kept = [tuple(text for text in grid.losses if {text, parse(text).name} & set(only)) for grid in grids]
    return [replace(grid, losses=losses) if losses else None for grid, losses in zip(grids, kept, strict=True)]


def keep_rates(grids: Sequence[Grid | None], rates: Collection[float]) -> list[Grid | None]:
    """The grids with those noise rates alone; None for one that has none of them, `InputError` for a rate of none."""
    trained = sorted({rate for grid in grids if grid for rate in grid.noise_rates})
    if unknown := [rate for rate in rates if rate not in trained]:
        listed = ", ".join(f"{rate:g}" for rate in trained)
        raise InputError(f"--noise {unknown[0]:g}: this part of the protocol has the rates {listed}")
    return [grid and _with_rates(grid, tuple(rate for rate in grid.noise_rates if rate in rates)) for grid in grids]


def epochs_changed(grid: Grid, *, epochs: int | None = None, scale: float = 1.0) -> Grid:
    """The grid with so many epochs, or with its own times the scale, at least one."""
    changed = epochs or max(1, round(grid.recipe["epochs"] * scale))
    return replace(grid, recipe={**grid.recipe, "epochs": changed})


def published_in(published: Sequence[Published], grid: Grid) -> list[Published]:
    """The numbers that are of this grid's arms."""
    return [
        one
        for one in published
        if one.loss in grid.losses
        and one.model in (None, *grid.models)
        and one.noise_kind in (None, *grid.noises)
        and one.noise in (None, *grid.noise_rates)
        and one.eps in (None, *grid.eps)
    ]


def narrow(grid: Grid, published: Published) -> Grid:
    """The grid of one published number: its arm, over all seeds; `InputError` where that leaves several arms."""
    given = {
        "losses": published.loss,
        "eps": published.eps,
        "models": published.model,
        "noises": published.noise_kind,
        "noise_rates": published.noise,
    }
    narrowed = replace(grid, **{name: (value,) for name, value in given.items() if value is not None})
    if len(arms := plan.arms_of(narrowed)) > 1:
        raise InputError(f"the published number of {published.loss} must say its eps: {len(arms)} arms are trained")
    return narrowed


def _with_rates(grid: Grid, rates: tuple[float, ...]) -> Grid | None:
    return replace(grid, noise_rates=rates) if rates else None
