"""Parquet files, which need pyarrow."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from lsbench.data.table.columns import Columns, named
from lsbench.data.table.raw import RawTable
from lsbench.errors import InputError


def read_parquet(path: Path, choose: Callable[[Sequence[str]], Columns]) -> RawTable:
    """The columns of a file that `choose` takes by their names; `InputError`: no pyarrow, a broken file, no rows."""
    try:
        import pyarrow  # noqa: F401 # pyright: ignore[reportMissingImports] - is it there?
    except ImportError as error:
        raise InputError(
            f"{path} is Parquet, and reading it needs pyarrow: pip install 'lsbench[parquet]', or save the table as CSV"
        ) from error
    try:
        frame = pd.read_parquet(path, engine="pyarrow")
    except Exception as error:  # whatever is wrong with the bytes, pyarrow says it in many ways
        raise InputError(f"can't read {path}: {type(error).__name__}: {str(error).splitlines()[0][:120]}") from error
    return of_frame(str(path), frame, choose)


def of_frame(what: str, frame: pd.DataFrame, choose: Callable[[Sequence[str]], Columns]) -> RawTable:
    """A frame with its columns' names as text, those that `choose` takes; `InputError` where there are no rows."""
    names = named(what, [str(name) for name in frame.columns], has_names=True)
    columns = choose(names)
    if not len(frame):
        raise InputError(f"{what} has columns and no rows; there must be a row for each example")
    return RawTable(what, frame.set_axis(names, axis=1).reset_index(drop=True), columns)
