"""The cells of a table's file as they stand there: for people, not for a model."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from lsbench.data.table.columns import Columns
from lsbench.data.table.delimited import read_cells
from lsbench.data.table.options import TableOptions, is_parquet
from lsbench.data.table.parquet import read_parquet


class Cells(NamedTuple):
    """All columns of a file."""

    columns: tuple[str, ...]  # their names
    rows: Mapping[int, tuple[str, ...]]  # the cells of each, by the number of its line, or of the row from 1


def cells_of(path: Path, asked: TableOptions) -> Cells:
    """The cells as text, "" where one is empty; `InputError`: as when the table is read."""
    if is_parquet(path.name):
        return _of_parquet(path)
    names, rows = read_cells(path, asked)
    return Cells(tuple(names), {line: tuple(cell.strip() for cell in cells) for line, cells in rows.items()})


def _of_parquet(path: Path) -> Cells:
    frame = read_parquet(path, lambda names: Columns("", "", tuple(names))).frame
    text = frame.astype(object).where(frame.notna(), "").map(str)
    return Cells(tuple(text.columns), {i: tuple(cells) for i, cells in enumerate(text.to_numpy().tolist(), 1)})
