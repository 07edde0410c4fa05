"""`./iris.csv:label=species` as training and test rows."""

from functools import partial
from pathlib import Path

from lsbench.data.splits import Splits
from lsbench.data.table.columns import choose_columns, listed
from lsbench.data.table.delimited import read_delimited
from lsbench.data.table.options import TableOptions, is_parquet
from lsbench.data.table.parquet import read_parquet
from lsbench.data.table.raw import RawTable
from lsbench.data.table.rows import Rows, divided, rows_of, splits_of
from lsbench.errors import InputError


def read_table(path: Path, asked: TableOptions, group: str = "") -> Splits:
    """The training and test rows of a file: with its test table, or as `divide` does it, equal rows together.

    group: the column of the groups, "" for none. Missing values are NaN. `InputError`: see `choose_columns`,
    `features_of`, `labels_of`; a test table that lacks a column.
    """
    raw = _raw(path, asked, group)
    rows = rows_of(raw)
    return splits_of(rows, _test_rows(rows, raw, asked)) if asked.test_file else divided(rows, asked)


def _raw(path: Path, asked: TableOptions, group: str) -> RawTable:
    choose = partial(choose_columns, str(path), asked=asked, group=group)
    return read_parquet(path, choose) if is_parquet(path.name) else read_delimited(path, asked, choose)


def _test_rows(rows: Rows, raw: RawTable, asked: TableOptions) -> Rows:
    """The rows of the test table, with the columns of the training table in their order."""
    path = Path(asked.test_file).expanduser().resolve()
    test = _raw(path, asked._replace(label=raw.columns.label, drop=None), raw.columns.group)
    if missing := [name for name in rows.features if name not in test.columns.features]:
        raise InputError(f"{path} has no column {listed(missing)}, which {raw.what} has")
    return rows_of(test._replace(columns=test.columns._replace(features=rows.features)))
