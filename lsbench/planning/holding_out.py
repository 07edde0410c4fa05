"""What is held out of a data set: a share at random, folds in turn, or validation examples of its own."""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from lsbench.data.describe import Description, units_of
from lsbench.data.folds import fold_sizes
from lsbench.errors import InputError
from lsbench.names.dataset_name import is_of_catalogue, quoted
from lsbench.spec import Cell, Grid

DEFAULT_VAL = 0.1  # of the catalogue's data sets, whose authors vouch for the labels
DEFAULT_FOLDS = 5  # of own data: any label may be wrong, so each example is to be predicted by who has not seen it


class HeldOut(NamedTuple):
    """How the held-out examples of a cell are chosen, as its fields say it."""

    val: float  # share of the training set; 0 with folds
    folds: int | None = None


def held_out_of(grid: Grid, data: Description) -> HeldOut:
    """As the grid says, else by the data set: folds of own data. Validation examples of its own leave no choice."""
    val = DEFAULT_VAL if grid.val is None else float(grid.val)
    if data.val_examples:
        return HeldOut(val)
    by_default = DEFAULT_FOLDS if grid.val is None and not is_of_catalogue(data.name) else None
    folds = grid.folds or by_default
    return HeldOut(0.0, folds) if folds else HeldOut(val)


def held_out_count(data: Description, held_out: HeldOut, seed: int, data_dir: Path | None = None) -> int:
    """How many examples are held out: validation examples of the set's own, the seed's fold, or a share."""
    if held_out.folds:
        sizes = _fold_sizes(data.train_examples, held_out.folds, _unit_sizes(data, data_dir))
        return sizes[seed % held_out.folds]
    if data.val_examples:
        return data.val_examples if held_out.val else 0
    return int(held_out.val * data.train_examples)


def examples_left(data: Description, cell: Cell, data_dir: Path | None = None) -> int:
    """How many examples a cell is trained on."""
    return _left(data, HeldOut(cell.val, cell.folds), cell.seed, cell.train_size, data_dir)


def counts_left(grid: Grid, data: Description, data_dir: Path | None = None) -> list[int]:
    """How many examples the cells of a grid are trained on: several numbers where folds differ in size.

    `InputError`: fewer than `train_size`, or fewer examples than folds.
    """
    held_out = held_out_of(grid, data)
    if data.groups and held_out.val and not data.val_examples:
        raise InputError(
            f"a share held out at random would part the groups of {quoted(data.name)}; give --folds"
            f" {max(2, round(1 / held_out.val))} in place of --val {held_out.val:g}"
        )
    if held_out.folds:
        _require_folds(data, held_out.folds, data_dir)
    seeds = {seed % held_out.folds: seed for seed in grid.seeds}.values() if held_out.folds else (0,)
    return sorted({_left(data, held_out, seed, grid.train_size, data_dir) for seed in seeds})


def _left(data: Description, held_out: HeldOut, seed: int, train_size: int | None, data_dir: Path | None) -> int:
    left = data.train_examples
    if not data.val_examples:
        left -= held_out_count(data, held_out, seed, data_dir)
    if train_size is not None and train_size > left:
        raise InputError(f"--train-size {train_size:,}: {quoted(data.name)} has {left:,} training examples left")
    return left if train_size is None else train_size


def _require_folds(data: Description, folds: int, data_dir: Path | None) -> None:
    """Raise an `InputError` unless each fold has something to hold out."""
    sizes = _unit_sizes(data, data_dir)
    different = data.train_examples - sum(sizes) + len(sizes)
    if different >= folds:
        return
    if different == 1 and not data.groups:
        raise InputError(
            f"data set {quoted(data.name)}: all training {data.noun} are the same; see what was read with `check`"
        )
    kind = "different " if sizes else ""
    what = "groups of training examples" if data.groups else f"{kind}training examples"
    advice = f"try --folds {different}" if different > 1 else "give smaller groups"
    other = "--val 0" if data.groups else "--val 0.1"
    raise InputError(
        f"data set {quoted(data.name)} has {different:,} {what}, which can't be cut into {folds} folds; {advice},"
        f" or {other}"
    )


def _unit_sizes(data: Description, data_dir: Path | None) -> tuple[int, ...]:
    units = units_of(data.name, data_dir)
    return units.sizes if units else ()


@lru_cache(maxsize=64)
def _fold_sizes(n: int, folds: int, units: tuple[int, ...]) -> list[int]:
    return fold_sizes(n, folds, units)
