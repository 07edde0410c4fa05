"""The rows of a table as numbers and labels, and their division into training and test rows."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lsbench.data.alike.near_duplicates import alike_examples
from lsbench.data.division import divide, none_left
from lsbench.data.groups import Groups
from lsbench.data.splits import Splits
from lsbench.data.table.doubts import doubtful_columns, row_number_columns
from lsbench.data.table.labels import groups_of, labels_of
from lsbench.data.table.numbers import features_of
from lsbench.data.table.options import TableOptions
from lsbench.data.table.raw import RawTable
from lsbench.data.tidy import tidy_vectors
from lsbench.data.undivided import alike_notes, division_note
from lsbench.errors import InputError


class Rows(NamedTuple):
    """The rows of one table."""

    what: str  # the file, in sentences
    features: tuple[str, ...]  # (d,): the names of the columns
    values: NDArray[np.float64]  # (n, d), NaN where a cell is empty
    labels: np.ndarray  # (n,)
    groups: NDArray[np.str_] | None  # (n,)
    names: NDArray[np.str_]  # (n,): what each row is called
    notes: tuple[str, ...] = ()  # what was left out
    doubts: tuple[str, ...] = ()

    def of(self, features: tuple[str, ...]) -> "Rows":
        """The same with these columns alone, in this order."""
        places = [self.features.index(name) for name in features]
        return self._replace(features=features, values=self.values[:, places])


def rows_of(raw: RawTable) -> Rows:
    """The rows of a table; a first column without a name that numbers them is left out."""
    label, group, features = raw.columns
    values, labels = features_of(raw, features), labels_of(raw, label)
    if np.isnan(values).all():
        raise InputError(f"no column of {raw.what} but {label!r} has a value; there is nothing to learn from")
    groups = groups_of(raw, group) if group else None
    values = tidy_vectors(f"the values of {raw.what}", values)
    rows = Rows(raw.what, features, values, labels, groups, np.array(raw.names()))
    numbering = row_number_columns(features, values)
    kept = rows.of(tuple(name for name in features if name not in numbering))
    left_out = tuple(f"column {name!r} numbers the rows: left out" for name in numbering)
    numbers = np.unique(labels, return_inverse=True)[1]
    return kept._replace(notes=left_out, doubts=tuple(doubtful_columns(kept.features, kept.values, label, numbers)))


def divided(rows: Rows, asked: TableOptions) -> Splits:
    """Training and test rows, as `divide` chooses them; equal rows are on one side, and so are groups.

    `InputError`: no row can be for testing.
    """
    share, split = asked.division
    alike = alike_examples(rows.values) if asked.alike else None
    train, test = divide(rows.labels, share, split, rows.groups, None if alike is None else alike.numbers)
    if not len(test):
        raise InputError(none_left(rows.what, "rows", rows.labels, None if alike is None else alike.numbers))
    told = alike_notes(alike, "rows", rows.labels) if alike else ()
    splits = splits_of(_picked(rows, train), _picked(rows, test))
    return splits._replace(
        train_alike=None if alike is None else alike.numbers[train],
        notes=(*splits.notes, division_note(len(test), share), *told),
    )


def splits_of(train: Rows, test: Rows) -> Splits:
    """Training and test rows as a data set; the test rows have the same columns."""
    return Splits(
        train.values,
        train.labels,
        test.values,
        test.labels,
        columns=train.features,
        notes=train.notes,
        doubts=train.doubts,
        groups=None if train.groups is None else Groups(train.groups, train.groups[:0], test.groups),
        names=(*train.names.tolist(), *test.names.tolist()),
    )


def _picked(rows: Rows, index: NDArray[np.int64]) -> Rows:
    groups = None if rows.groups is None else rows.groups[index]
    return rows._replace(values=rows.values[index], labels=rows.labels[index], groups=groups, names=rows.names[index])
