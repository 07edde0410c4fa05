"""What is said on stderr of the examples that a grid holds out, before anything is trained."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from lsbench.cli.say import say
from lsbench.data.describe import Description, describe, units_of
from lsbench.data.folds import incomplete_text
from lsbench.names.catalogue import DATASETS
from lsbench.planning.holding_out import DEFAULT_VAL, HeldOut, held_out_count, held_out_of
from lsbench.rows.store import path_of
from lsbench.spec import Cell, Grid

NAMED = 3  # classes in a sentence


def tell_held_out(grid: Grid, cells: Sequence[Cell], data_dir: Path | None, out: Path) -> None:
    """Of each data set with folds, or that can't have them, what follows; and the rows of the grid without folds."""
    for data in (describe(name, data_dir) for name in dict.fromkeys(grid.datasets)):
        for sentence in _sentences(grid, data, data_dir):
            say(f"data set {data.name!r}: {sentence}")
    if grid.folds is None and grid.val is None:
        _tell_rows_without_folds(cells, out)


def _sentences(grid: Grid, data: Description, data_dir: Path | None) -> Iterator[str]:
    held_out = held_out_of(grid, data)
    if data.val_examples and (grid.folds or (grid.val is None and data.name not in DATASETS)):
        yield f"its own {data.val_examples:,} validation examples are held out by every seed, so there are no folds"
    if held_out.folds:
        yield from _of_folds(held_out, held_out.folds, grid, data, data_dir)


def _of_folds(held_out: HeldOut, folds: int, grid: Grid, data: Description, data_dir: Path | None) -> Iterator[str]:
    sizes = {seed: held_out_count(data, held_out, seed, data_dir) for seed in grid.seeds}
    if left := incomplete_text(data.train_examples, folds, sizes):
        yield left
    units = units_of(data.name, data_dir)
    if classes := [data.class_names[i] for i in units.lone] if units else []:
        more = f" and {len(classes) - NAMED} more" if len(classes) > NAMED else ""
        named = ", ".join(classes[:NAMED])
        yield f"warning: class {named}{more} lies in one fold; the seed that holds it out trains on none of it"


def _tell_rows_without_folds(cells: Sequence[Cell], out: Path) -> None:
    """How many rows there are that the grid would go on with, were it not for the folds of own data."""
    without = [replace(cell, folds=None, val=DEFAULT_VAL) for cell in cells if cell.folds]
    if count := sum(path_of(cell.id, out).is_file() for cell in without):
        say(
            f"{out} has {count} of these {len(without)} cells with {DEFAULT_VAL:.0%} held out, as version 0.2.0 held"
            f" them out; own data has folds now: --val {DEFAULT_VAL:g} goes on with those rows"
        )
