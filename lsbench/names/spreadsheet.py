"""CSV that a spreadsheet may open: no cell is taken for a formula, and each is read back as it was.

Text that begins with one of = + - @, with their wide forms, a tab or the end of a line has a ' before it; so has text
that begins with ' and such a character, so that the first ' can be taken away again. Numbers stay as they are.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

FORMULA = re.compile(r"'*[=+@＝＋－＠\t\r\n-]")  # how a spreadsheet knows one
GUARDED = re.compile(r"''*[=+@＝＋－＠\t\r\n-]")
NUMBER = re.compile(r"[+-]?\d*\.?\d+(e[+-]?\d+)?", re.IGNORECASE)  # which begins with + or -, and is no formula
WITH_COMMA = re.compile(r"[+-]?\d+,\d+(e[+-]?\d+)?", re.IGNORECASE)  # nor is this, wherever commas are decimal

MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
DATE = re.compile(  # what a spreadsheet may take for a day or a time, in some language
    r"\d{1,4}[-/.]\d{1,2}(?:[-/.]\d{1,4})?|\d{1,2}:\d\d(?::\d\d)?"
    rf"|{MONTH}[-. ]?\d{{1,4}}|\d{{1,2}}[-. ]{{0,2}}{MONTH}",
    re.IGNORECASE,
)
DIGITS = 15  # of a number that a spreadsheet keeps


def guarded(value: Any) -> Any:
    """The cell that is written for a value; what is no text is left alone.

    Example:
        >>> guarded("=1+1"), guarded("'@a"), guarded("-0.5"), guarded("-0,5"), guarded("cat"), guarded(-3)
        ("'=1+1", "''@a", '-0.5', '-0,5', 'cat', -3)
    """
    is_number = isinstance(value, str) and (NUMBER.fullmatch(value) or WITH_COMMA.fullmatch(value))
    is_formula = isinstance(value, str) and FORMULA.match(value) and not is_number
    return f"'{value}" if is_formula else value


def unguarded(cell: str) -> str:
    """The text of a cell that was written by `guarded`."""
    return cell[1:] if GUARDED.match(cell) else cell


def is_changed(text: str) -> bool:
    """Whether a spreadsheet may save it as something else: 01, 1e5, a date such as 3-1, or true in its own language.

    Example:
        >>> [is_changed(text) for text in ("01", "3-1", "sep7", "TRUE", "7", "-1", "cat")]
        [True, True, True, True, False, False, False]
    """
    if NUMBER.fullmatch(text):
        is_whole = text.removeprefix("-").isdigit() and len(text) <= DIGITS
        return DATE.fullmatch(text) is not None or not (is_whole and str(int(text)) == text)
    return DATE.fullmatch(text) is not None or text.casefold() in ("true", "false")


def csv_text(rows: Iterable[Sequence[Any]]) -> str:
    """The rows as CSV, each cell guarded."""
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows([guarded(value) for value in row] for row in rows)
    return text.getvalue()
