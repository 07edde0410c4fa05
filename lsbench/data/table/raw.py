"""A table as its file or its caller has it, of which no cell has been looked at."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lsbench.data.table.columns import Columns


class RawTable(NamedTuple):
    """The columns of a table that are asked for, and where each row stands."""

    what: str  # the file, in sentences
    frame: pd.DataFrame
    columns: Columns  # what each of them is
    lines: NDArray[np.int64] | None = None  # (n,): of each row, in a file of lines

    def place(self, row: int) -> str:
        """Where a row (0, 1, ...) stands, in words."""
        return f"row {row + 1:,}" if self.lines is None else f"line {self.lines[row]:,}"

    def column(self, name: str) -> pd.Series:
        """The cells of a column."""
        return pd.Series(self.frame[name])

    def names(self) -> list[str]:
        """What each row is called: `iris.csv:8` is line 8 of that file, or row 8 of one that has no lines."""
        numbers = np.arange(1, len(self.frame) + 1) if self.lines is None else self.lines
        table = Path(self.what.strip("'")).name  # a function's name is quoted
        return [f"{table}:{number}" for number in numbers.tolist()]
