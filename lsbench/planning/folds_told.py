"""What is said of the examples that a grid holds out, before anything is trained."""

from collections.abc import Iterator
from pathlib import Path

from lsbench.data.describe import Description, units_of
from lsbench.data.folds import incomplete_text
from lsbench.names.dataset_name import is_of_catalogue, quoted
from lsbench.names.few import few
from lsbench.planning.holding_out import HeldOut, held_out_count, held_out_of
from lsbench.spec import Grid

NAMED = 3  # classes in a sentence


def held_out_sentences(grid: Grid, data: Description, data_dir: Path | None) -> list[str]:
    """Of a data set with folds, or that can't have them: what folds leave out, and classes that lie in one."""
    return [f"data set {quoted(data.name)}: {sentence}" for sentence in _sentences(grid, data, data_dir)]


def _sentences(grid: Grid, data: Description, data_dir: Path | None) -> Iterator[str]:
    held_out = held_out_of(grid, data)
    if data.val_examples and (grid.folds or (grid.val is None and not is_of_catalogue(data.name))):
        yield f"its own {data.val_examples:,} validation examples are held out by every seed, so there are no folds"
    if held_out.folds:
        yield from _of_folds(held_out, held_out.folds, grid, data, data_dir)


def _of_folds(held_out: HeldOut, folds: int, grid: Grid, data: Description, data_dir: Path | None) -> Iterator[str]:
    sizes = {seed: held_out_count(data, held_out, seed, data_dir) for seed in grid.seeds}
    if left := incomplete_text(data.train_examples, folds, sizes):
        yield left
    units = units_of(data.name, data_dir)
    if classes := [data.class_names[i] for i in units.lone] if units else []:
        yield f"warning: class {few(classes, NAMED)} lies in one fold; the seed that holds it out trains on none of it"
