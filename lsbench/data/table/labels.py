"""The labels and the groups of a table's rows."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from lsbench.data.table.delimited import MISSING
from lsbench.data.table.numbers import as_numbers
from lsbench.data.table.raw import RawTable
from lsbench.errors import InputError

MOST_SHARE = 0.5  # of the rows that are classes; more look like names of rows, or like something that is measured
FEW_ROWS = 10  # below it the share says nothing


def labels_of(table: RawTable, name: str) -> np.ndarray:
    """The column of that name, (n,): numbers, or text; text that is numbers throughout is numbers.

    `InputError`: a row without a label, dates, or about as many labels as rows.
    """
    column = table.column(name)
    if types.is_datetime64_any_dtype(column.dtype) or types.is_complex_dtype(column.dtype):
        raise InputError(f"column {name!r} of {table.what} holds {column.dtype}, no classes; name another with label=")
    _require_all(table, name, column.isna().to_numpy(bool), "label")
    if types.is_bool_dtype(column.dtype):
        return column.to_numpy(np.int64)
    if types.is_numeric_dtype(column.dtype):
        return _few(table, name, column.to_numpy())
    return _few(table, name, _numbers_or_text(table, name, column))


def groups_of(table: RawTable, name: str) -> NDArray[np.str_]:
    """The group of each row, as text; `InputError` where one has none."""
    column = table.column(name)
    _require_all(table, name, column.isna().to_numpy(bool), "group")
    return np.array([str(cell).strip() for cell in column])


def _numbers_or_text(table: RawTable, name: str, column: pd.Series) -> np.ndarray:
    text = np.array([str(cell).strip() for cell in column])
    numbers = as_numbers(pd.Series(text, dtype=object))
    unread = np.isnan(numbers)
    if unread.any() and not unread.all():  # a mark of a missing number among numbers, or a name among names
        marks = np.isin(text, MISSING)
        if (marks == unread).all():
            _require_all(table, name, marks, "label")
    return text if unread.any() else numbers


def _require_all(table: RawTable, name: str, missing: NDArray[np.bool_], kind: str) -> None:
    if missing.any():
        first = table.place(int(missing.argmax()))
        raise InputError(
            f"{missing.sum():,} of {len(missing):,} rows of {table.what} have no {kind} in column {name!r}, the first"
            f" is {first}; leave these rows out, or fill them in"
        )


def _few(table: RawTable, name: str, labels: np.ndarray) -> np.ndarray:
    count = len(np.unique(labels))
    if len(labels) >= FEW_ROWS and count > MOST_SHARE * len(labels):
        raise InputError(
            f"column {name!r} of {table.what} has {count:,} different labels in {len(labels):,} rows, as if it were"
            " measured, or the name of a row; labels are classes: cut it into a few, or name another column with label="
        )
    return labels
