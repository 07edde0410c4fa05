"""DataFrames of pandas as somebody's data set gives them."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from lsbench.data.splits import Splits
from lsbench.errors import InputError
from lsbench.names.reference import Value

if TYPE_CHECKING:
    import pandas as pd

FRAME_OPTIONS = ("label", "drop")  # of a name whose function returns a frame, beside those of its division


def is_frame(value: Any) -> "TypeGuard[pd.DataFrame]":
    """Whether it is a DataFrame of pandas, which is not imported for that."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.DataFrame)


def labelled_frame(made: Any) -> "tuple[pd.DataFrame, str | None] | None":
    """A frame and the name of its column of labels, where it is given beside it, as (frame, "species")."""
    if is_frame(made):
        return made, None
    if isinstance(made, tuple) and len(made) == 2 and is_frame(made[0]) and isinstance(made[1], str):
        return made
    return None


def read_frame(what: str, frame: "pd.DataFrame", label: str | None, options: Mapping[str, Value], group: str) -> Splits:
    """The training and test rows of a frame, with the options of a table's file; see `read_table`."""
    from lsbench.data.table.columns import choose_columns
    from lsbench.data.table.options import OF_LINES, table_options
    from lsbench.data.table.parquet import of_frame
    from lsbench.data.table.rows import divided, rows_of

    if given := [name for name in OF_LINES if name in options]:
        raise InputError(f"{what} is a DataFrame; leave out the option {given[0]}")
    asked = table_options(what, options)
    if asked.test_file:
        raise InputError(f"{what} is a DataFrame, and test is a share of its rows; got {asked.test_file!r}")
    asked = asked if label is None else asked._replace(label=label)
    return divided(rows_of(of_frame(what, frame, lambda names: choose_columns(what, names, asked, group))), asked)


def frame_values(what: str, frame: "pd.DataFrame") -> NDArray[np.float64]:
    """All columns of a frame as numbers, (n, d), NaN where a value is missing; `InputError` names columns of text."""
    from lsbench.data.table.columns import Columns, named
    from lsbench.data.table.numbers import features_of
    from lsbench.data.table.parquet import of_frame

    names = tuple(named(what, [str(name) for name in frame.columns], has_names=True))
    return features_of(of_frame(what, frame, lambda _: Columns("", "", names)), names)


def in_order(what: str, frame: Any, first: Any) -> Any:
    """The columns of a part as the training part has them; what is no frame stays as it is."""
    if not (is_frame(frame) and is_frame(first)):
        return frame
    if missing := [str(name) for name in first.columns if name not in frame.columns]:
        raise InputError(f"{what} lack the column {missing[0]!r}, which the training part has")
    return frame[list(first.columns)]


def column_names(value: Any) -> tuple[str, ...]:
    """Of a frame, as text; () of what is none."""
    return tuple(map(str, value.columns)) if is_frame(value) else ()
