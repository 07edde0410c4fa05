"""Rows of a table's file as they stand there, without the columns of labels and groups."""

from collections.abc import Collection
from pathlib import Path

from lsbench.data.items.kinds import RowPart
from lsbench.data.origin import Origin
from lsbench.data.table.cells import Cells, cells_of
from lsbench.data.table.columns import choose_columns
from lsbench.data.table.options import table_options


def row_part(origin: Origin, part: str, used: Collection[str], paths: tuple[str, ...], num_classes: int) -> RowPart:
    """The rows that are called `paths`, `iris.csv:8` being line 8.

    A person sees the columns that were left out, such as texts, and those that are used: but not one that numbers the
    rows, nor one left out of so few different values, at most 2 for each class, that it may be labels in other words.
    """
    asked = table_options(origin.target, dict(origin.options))
    group = origin.groups.column if origin.groups else ""
    table = cells_of(Path(origin.target), asked)
    label, group, features = choose_columns(origin.target, table.columns, asked, group)
    if part == "test" and asked.test_file:
        table = cells_of(origin.files[1], asked)
    places = [i for i, name in enumerate(table.columns) if name not in (label, group)]
    columns = tuple(table.columns[i] for i in places)
    rows = tuple(tuple(table.rows[_number(path)][i] for i in places) for path in paths)
    left_out = [name for name in columns if name not in used and name not in features]
    told = [name for name in left_out if not (_has_few_values(table, name, 2 * num_classes) or _numbers(table, name))]
    shown = [*told, *(name for name in columns if name in used)]
    return RowPart(columns, rows, tuple(map(columns.index, shown)), paths)


def _number(path: str) -> int:
    return int(path.rpartition(":")[2])


def _has_few_values(table: Cells, name: str, most: int) -> bool:
    place = table.columns.index(name)
    return len({cells[place] for cells in table.rows.values()}) <= most


def _numbers(table: Cells, name: str) -> bool:
    """Whether a column is 0, 1, 2, ... or 1, 2, 3, ...: rows may be sorted by class."""
    place = table.columns.index(name)
    cells = [cells[place] for cells in table.rows.values()]
    return any(cells == list(map(str, range(first, first + len(cells)))) for first in (0, 1))
