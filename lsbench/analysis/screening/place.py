"""The rows of a cheap study that a choice is made from: those of one data set and one noise."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lsbench.errors import InputError
from lsbench.names.dataset_name import of_images
from lsbench.names.encoding import exact
from lsbench.rows.row import Row
from lsbench.spec import Cell, Grid

DEFAULT_TOP = 2


@dataclass(frozen=True)
class _Axis:
    """What all rows of a choice must share."""

    option: str  # that says which is meant; "" is none
    what: str  # in an error
    of_cell: Callable[[Cell], Hashable]
    of_grid: Callable[[Grid], Iterable[Hashable]] = lambda _: ()  # the values that a grid asks for
    words: Callable[[Hashable], str] = str  # as the option takes it


def _held_out(cell: Cell | Grid) -> tuple[str, float]:
    return ("--folds", float(cell.folds)) if cell.folds else ("--val", float(cell.val or 0.0))


AXES = (
    _Axis(
        "dataset",
        "data set",
        lambda cell: of_images(cell.dataset),
        lambda grid: map(of_images, grid.datasets),
    ),
    _Axis(
        "",
        "version of the data set's files",
        lambda cell: cell.fingerprint if cell.dataset == of_images(cell.dataset) else "",
    ),
    _Axis("noise", "noise rate", lambda cell: cell.noise_rate, lambda grid: grid.noise_rates, exact),  # pyright: ignore
    _Axis("noise_kind", "kind of noise", lambda cell: cell.noise, lambda grid: grid.noises),
    _Axis("noise_seed", "seed of the noise", lambda cell: cell.noise_seed, lambda grid: (grid.noise_seed,)),
    _Axis(
        "test_noise",
        "noise of test labels",
        lambda cell: (cell.test_noise_rate, cell.test_noise, cell.test_noise_seed),
        words=lambda value: exact(value[0]),  # pyright: ignore
    ),
    _Axis("folds", "way to hold out examples", _held_out, lambda grid: (_held_out(grid),), lambda value: value[1]),  # pyright: ignore
    _Axis("train_size", "number of training examples", lambda cell: cell.train_size, lambda grid: (grid.train_size,)),
)


def rows_of_one_place(rows: Sequence[Row], source: str, asked: Grid, given: Iterable[str]) -> list[Row]:
    """The rows that share data set, noise and held-out examples; of several the one that the new study asks for.

    Rows that were chosen from this same folder are no part of the cheap study, and left out.

    Args:
        rows: those of the folder.
        source: the folder.
        asked: the new study, as far as it was given.
        given: the names of the options that were given.

    Raises:
        InputError: no rows, or rows of several places of which the options say none.
    """
    left = [row for row in rows if not _chosen_from(row, source)]
    if not left:
        raise InputError(f"--from {source}: no runs are there; train a cheap study first: lsbench run --out {source}")
    for axis in AXES:
        left = _narrowed(left, axis, source, set(axis.of_grid(asked)) if axis.option in given else set())
    return left


def _narrowed(rows: Sequence[Row], axis: _Axis, source: str, wanted: set[Hashable]) -> list[Row]:
    values = dict.fromkeys(axis.of_cell(row.cell) for row in rows)
    meant = [value for value in values if value in wanted] or list(values)
    if len(meant) > 1:
        raise InputError(_several(axis, source, [value for value in meant if value not in (None, "")]))
    return [row for row in rows if axis.of_cell(row.cell) == meant[0]]


def _several(axis: _Axis, source: str, values: Sequence[Hashable]) -> str:
    begin = f"--from {source} chooses for one {axis.what}"
    if not axis.option:
        return f"{begin}, and its runs have {len(values)}: train it again into a folder of its own"
    listed = sorted(str(axis.words(value)) for value in values)
    option = f"--{axis.option.replace('_', '-')}"
    return f"{begin}, and its runs have {' and '.join(listed)}: say which one is meant, as {option} {listed[0]}"


def _chosen_from(row: Row, source: str) -> bool:
    screening: Mapping[str, object] = row.screening
    return bool(screening) and Path(str(screening["source"])).resolve() == Path(source).resolve()
