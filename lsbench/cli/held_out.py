"""What is said on stderr of the examples that a grid holds out, before anything is trained."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lsbench.cli.say import say
from lsbench.data.describe import describe
from lsbench.names.percent import percent
from lsbench.planning.folds_told import held_out_sentences
from lsbench.planning.holding_out import DEFAULT_VAL
from lsbench.rows.store import path_of
from lsbench.spec import Cell, Grid


def tell_held_out(grid: Grid, cells: Sequence[Cell], data_dir: Path | None, out: Path) -> None:
    """Of each data set with folds, or that can't have them, what follows; and the rows of the grid without folds."""
    for data in (describe(name, data_dir) for name in dict.fromkeys(grid.datasets)):
        for sentence in held_out_sentences(grid, data, data_dir):
            say(sentence)
    if grid.folds is None and grid.val is None:
        _tell_rows_without_folds(cells, out)


def _tell_rows_without_folds(cells: Sequence[Cell], out: Path) -> None:
    """How many rows there are that the grid would go on with, were it not for the folds of own data."""
    without = [replace(cell, folds=None, val=DEFAULT_VAL) for cell in cells if cell.folds]
    if count := sum(path_of(cell.id, out).is_file() for cell in without):
        say(
            f"{out} has {count} of these {len(without)} cells with {percent(DEFAULT_VAL, 0)} held out, as version 0.2.0"
            f" held them out; own data has folds now: --val {DEFAULT_VAL:g} goes on with those rows"
        )
