"""New rows of a table: the columns that the network was trained on, by their names."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lsbench.data.new.forms import NewExamples, Wanted
from lsbench.data.table.columns import Columns, listed
from lsbench.data.table.delimited import read_delimited
from lsbench.data.table.impute import filled
from lsbench.data.table.numbers import features_of
from lsbench.data.table.options import TableOptions, is_parquet
from lsbench.data.table.parquet import read_parquet
from lsbench.data.tidy import tidy_vectors
from lsbench.errors import InputError


def new_rows(path: Path, wanted: Wanted) -> NewExamples:
    """The rows of a file; other columns, that of labels too, are not looked at. A missing value is the median's."""

    def choose(names: Sequence[str]) -> Columns:
        if missing := [name for name in wanted.columns if name not in names]:
            raise InputError(f"{path} has no column {listed(missing)}, which the network was trained on")
        return Columns("", "", wanted.columns)

    numbered = wanted.columns[0].isdigit()  # as columns are called that have no names
    asked = TableOptions(header=not numbered)
    raw = read_parquet(path, choose) if is_parquet(path.name) else read_delimited(path, asked, choose)
    values = features_of(raw, wanted.columns)
    missing = int(np.isnan(values).sum())
    notes = (f"{missing:,} missing values are the median of their column in the training part",) if missing else ()
    return NewExamples(
        tuple(raw.names()), tidy_vectors(str(path), filled(values, np.array(wanted.medians))), notes=notes
    )
