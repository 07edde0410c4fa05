"""What is doubtful about the columns of a table, a sentence each."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from lsbench.data.table.columns import listed

ROW_NAMES = ("id", "index", "row", "unnamed: 0")  # what a column of rows' numbers is called
FEWEST = 5  # rows of which a column of different numbers says something


def row_number_columns(names: Sequence[str], numbers: NDArray[np.float64]) -> list[str]:
    """The first column, where it is called by nothing or by pandas and numbers the rows: such a one is no feature."""
    first = names[0].lower()
    is_unnamed = first in ("column 1", "unnamed: 0")
    return [names[0]] if is_unnamed and len(names) > 1 and _counts_rows(numbers[:, 0]) else []


def doubtful_columns(
    names: Sequence[str], numbers: NDArray[np.float64], label: str, labels: NDArray[np.int64]
) -> Iterator[str]:
    """Sentences on columns with one value, with rows' numbers, and with the label in other words."""
    if constant := [name for name, column in zip(names, numbers.T, strict=True) if _is_constant(column)]:
        yield f"{_columns(constant)} the same value in all rows, and can't help"
    if ids := [name for name, column in zip(names, numbers.T, strict=True) if _names_rows(name, column)]:
        yield f"{_columns(ids)} another whole number in each row, as a name has; if so, leave out with {_drop(ids)}"
    if copies := [name for name, column in zip(names, numbers.T, strict=True) if _says_label(column, labels)]:
        yield (
            f"{_columns(copies)} one value for each class, and so says the label {label!r} itself; if it is the label"
            f" in other words, leave out with {_drop(copies)}"
        )


def _counts_rows(column: NDArray[np.float64]) -> bool:
    """Whether it is 0, 1, 2, ... or 1, 2, 3, ..."""
    return bool(column[0] in (0, 1) and (np.diff(column) == 1).all())


def _is_constant(column: NDArray[np.float64]) -> bool:
    values = column[~np.isnan(column)]
    return bool(len(values) and (values == values[0]).all())


def _names_rows(name: str, column: NDArray[np.float64]) -> bool:
    if len(column) < FEWEST or np.isnan(column).any() or (column != np.trunc(column)).any():
        return False
    is_called_so = name.lower() in ROW_NAMES or name.lower().endswith(("_id", " id"))
    distinct = len(np.unique(column)) == len(column)
    return distinct and (is_called_so or column.max() - column.min() == len(column) - 1)


def _says_label(column: NDArray[np.float64], labels: NDArray[np.int64]) -> bool:
    if np.isnan(column).any():
        return False
    pairs = np.unique(np.stack([column, labels]), axis=1)
    return len(np.unique(pairs[0])) == len(np.unique(pairs[1])) == pairs.shape[1] < len(labels)


def _columns(names: list[str]) -> str:
    return f"column {names[0]!r} has" if len(names) == 1 else f"columns {listed(names)} have"


def _drop(names: list[str]) -> str:
    return f":drop={'+'.join(names)}"
