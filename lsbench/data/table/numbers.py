"""The features of a table as numbers: (n, d), NaN where a cell is empty; text is refused."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from lsbench.data.table.columns import SHOWN, listed
from lsbench.data.table.raw import RawTable
from lsbench.errors import InputError
from lsbench.names.reference import IN_PROCESS

WORDS = {"true": 1.0, "false": 0.0}
FEW_TEXTS = 0.5  # of the cells: below it a column of numbers has some that are none


class Text(NamedTuple):
    """What of a column is no number."""

    name: str
    rows: NDArray[np.int64]  # where
    first: str  # cell
    values: int  # how many different ones
    filled: int  # cells of the column that are not empty


def features_of(table: RawTable, names: tuple[str, ...]) -> NDArray[np.float64]:
    """The columns of these names, (n, d); truth values are 0 and 1. `InputError`: text, dates, lists, inf."""
    numbers = np.empty((len(table.frame), len(names)))
    texts: list[Text] = []
    for i, name in enumerate(names):
        column = _numbers(table, name)
        if isinstance(column, Text):
            texts.append(column)
        else:
            numbers[:, i] = column
    if texts:
        _refuse(table, texts)
    _require_finite(table, names, numbers)
    return numbers


def _numbers(table: RawTable, name: str) -> NDArray[np.float64] | Text:
    column = table.column(name)
    if types.is_bool_dtype(column.dtype) or types.is_numeric_dtype(column.dtype):
        if types.is_complex_dtype(column.dtype):
            raise InputError(f"column {name!r} of {table.what} holds complex numbers; give real and imaginary parts")
        return column.to_numpy(np.float64, na_value=np.nan)
    if types.is_datetime64_any_dtype(column.dtype) or types.is_timedelta64_dtype(column.dtype):
        raise InputError(
            f"column {name!r} of {table.what} holds dates or times; write numbers in its place, such as days since the"
            f" first one, or leave it out with {_dropping(table, [name])}"
        )
    return _of_objects(name, column)


def _of_objects(name: str, column: pd.Series) -> NDArray[np.float64] | Text:
    """Numbers and truth values that stand among others as objects, or as text."""
    missing = column.isna().to_numpy(bool)
    cells = column.astype(object).map(lambda cell: WORDS.get(str(cell).strip().lower(), cell))
    numbers = as_numbers(cells)
    rows = np.flatnonzero(np.isnan(numbers) & ~missing)
    if not len(rows):
        return numbers
    texts = cells.iloc[rows].map(str)
    return Text(name, rows, texts.iloc[0], texts.nunique(), int((~missing).sum()))


def as_numbers(cells: pd.Series) -> NDArray[np.float64]:
    """Each cell as a number, NaN where it is none."""
    return pd.Series(pd.to_numeric(cells, errors="coerce")).to_numpy(np.float64, na_value=np.nan)


def _dropping(table: RawTable, names: list[str]) -> str:
    """How columns are left out: of a table that has a name, and of a DataFrame that `lsbench.compare` was given."""
    return f"data.drop(columns={names})" if IN_PROCESS in table.what else f":drop={'+'.join(names)}"


def _refuse(table: RawTable, texts: list[Text]) -> None:
    """Raise an `InputError` that names all such columns, and the first cell of one."""
    names, first = [text.name for text in texts], texts[0]
    place, cell = table.place(int(first.rows[0])), repr(first.first[:40])
    drop = f"leave {'it' if len(texts) == 1 else 'them'} out with {_dropping(table, names[:SHOWN])}"
    if _is_decimal_comma(first.first):
        raise InputError(
            f"column {first.name!r} of {table.what} has decimal commas, such as {cell} in {place}; write decimal points"
        )
    if len(texts) == 1 and len(first.rows) < FEW_TEXTS * first.filled:
        raise InputError(
            f"column {first.name!r} of {table.what} has text in {len(first.rows):,} of {len(table.frame):,} rows, the"
            f" first in {place}: {cell}; correct it, or leave the cell empty, or {drop}"
        )
    which = f"column {names[0]!r}" if len(texts) == 1 else f"columns {listed(names)}"
    raise InputError(
        f"{which} of {table.what} {'is' if len(texts) == 1 else 'are'} text ({first.values:,} different, such as"
        f" {cell}), and a model takes numbers; {drop}; or make a column of 0 and 1 of each word, as pandas.get_dummies"
        " does"
    )


def _is_decimal_comma(text: str) -> bool:
    whole, comma, rest = text.strip().lstrip("-+").partition(",")
    return bool(comma) and whole.isdigit() and rest.isdigit()


def _require_finite(table: RawTable, names: tuple[str, ...], numbers: NDArray[np.float64]) -> None:
    rows, columns = np.isinf(numbers).nonzero()
    if len(rows):
        raise InputError(
            f"column {names[columns[0]]!r} of {table.what} holds inf in {table.place(int(rows[0]))}; all values must be"
            " finite, or the cell empty"
        )
