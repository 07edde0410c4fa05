"""Whether the numbers of a CSV file have decimal commas, as spreadsheets write them in much of the world."""

import re
from collections.abc import Iterable
from typing import Any, Literal

import pandas as pd

COMMA = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?")
POINT = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?")
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")  # 1,234 may be one and a bit, or above a thousand


def decimal_mark(cells: Iterable[str], separator: str) -> Literal[",", "."]:
    """The decimal mark of a file's numbers: a comma where some number can't be read otherwise, and none has a point.

    Where commas part cells it is a point.

    Example:
        >>> decimal_mark(["0,5", "1,234"], ";"), decimal_mark(["1,234"], ";"), decimal_mark(["0,5", "0.5"], ";")
        (',', '.', '.')
    """
    if separator == ",":
        return "."
    has_comma = False
    for cell in map(str.strip, cells):
        if POINT.fullmatch(cell):
            return "."
        has_comma = has_comma or bool(COMMA.fullmatch(cell) and not THOUSANDS.fullmatch(cell))
    return "," if has_comma else "."


def with_points(frame: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """The frame, where numbers that stand among texts, and are texts for that, have decimal points."""
    for name in names:
        if frame[name].dtype.kind not in "biufc":
            frame[name] = frame[name].map(_with_point)
    return frame


def _with_point(cell: Any) -> Any:
    return cell.replace(",", ".") if isinstance(cell, str) and COMMA.fullmatch(cell.strip()) else cell
