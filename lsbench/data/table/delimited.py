"""CSV and TSV files: every line is looked at before anything is made of it."""

import csv
import gzip
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lsbench.data.csv_file import HINT, SEPARATORS
from lsbench.data.table.columns import Columns, named
from lsbench.data.table.decimal_mark import decimal_mark, with_points
from lsbench.data.table.options import TableOptions
from lsbench.data.table.raw import RawTable
from lsbench.errors import InputError

MISSING = ["", "NA", "N/A", "n/a", "NaN", "nan", "-nan", "null", "NULL", "None", "#N/A", "<NA>", "?"]
IS_EXACT = tuple(map(int, pd.__version__.split(".")[:2])) >= (3, 1)  # whether its numbers are those of `float`
EXACT: dict[str, Any] = {} if IS_EXACT else {"float_precision": "round_trip"}
EMPTY_LINES = re.compile(r"(?:\r\n|\r|\n)[\s,;|]*\Z")  # at the end, as spreadsheets leave them; no row is without cells
ARCHIVE = b"PK\x03\x04"  # as Excel's and OpenDocument's files begin


def read_delimited(path: Path, asked: TableOptions, choose: Callable[[Sequence[str]], Columns]) -> RawTable:
    """The columns of a file that `choose` takes by their names: labels and groups as text, the others as pandas does.

    The separator is a comma, a semicolon, a tab or |, whichever makes most cells of the first line; of .tsv a tab.
    `InputError`: no text in UTF-8, no names of columns, no rows, a line with another number of cells.
    """
    opened = _opened(path, asked)
    numbers = np.fromiter((line for line, _ in _numbered(path, opened)), np.int64)
    columns = choose(opened.names)
    places = [opened.names.index(name) for name in columns.features]
    mark = decimal_mark((row[i] for _, row in _numbered(path, opened) for i in places), opened.separator)
    return RawTable(str(path), _frame(opened, columns, mark), columns, numbers)


def read_cells(path: Path, asked: TableOptions) -> tuple[list[str], dict[int, list[str]]]:
    """The names of all columns, and the cells of each row as they stand in the file, by the number of its line."""
    opened = _opened(path, asked)
    return opened.names, dict(_numbered(path, opened))


class _Opened(NamedTuple):
    """A file's text, of which only the names of the columns are read."""

    lines: StringIO
    separator: str
    names: list[str]
    start: int  # where the rows begin
    before: int  # lines before them
    empty: int  # columns behind these that have no name, as spreadsheets leave them, and no cells


def _opened(path: Path, asked: TableOptions) -> _Opened:
    lines = StringIO(EMPTY_LINES.sub("\n", _text(path)), newline="")
    hint = HINT.match(lines.getvalue())
    skip = asked.skip + bool(hint)
    _start_of(lines, skip)
    first, separator = _first_cells(path, lines, hint[1] if hint else "")
    if asked.header:
        filled = [i for i, cell in enumerate(first, 1) if cell.strip()]
        names = named(str(path), first[: filled[-1]] if filled else first)
        return _Opened(lines, separator, names, lines.tell(), skip + 1, len(first) - len(names))
    names = [str(i + 1) for i in range(len(first))]
    return _Opened(lines, separator, names, _start_of(lines, skip), skip, 0)


def _text(path: Path) -> str:
    content = _content(path)
    if content.startswith(ARCHIVE):
        raise InputError(f"{path} is a spreadsheet or a zip archive, not text; save the sheet as CSV")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} is no text in UTF-8 (byte {error.start:,}); save it as CSV UTF-8, or convert it with iconv"
        ) from error
    if "\0" in text:
        raise InputError(f"{path} is no text: it holds bytes of value 0; save the table as CSV UTF-8")
    if not text.strip():
        raise InputError(f"{path} is empty; it must hold a line of column names, and a line for each example")
    return text


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if path.suffix.lower() == ".gz" else content
    except (OSError, EOFError, zlib.error) as error:  # gzip's BadGzipFile is an OSError
        raise InputError(f"can't read {path}: {getattr(error, 'strerror', None) or error}") from error


def _first_cells(path: Path, lines: StringIO, said: str) -> tuple[list[str], str]:
    """The cells of the first line that has some, and the separator, which a line `sep=;` may have said.

    `lines` is after that line then.
    """
    start = lines.tell()
    best: tuple[list[str], str, int] = [], ",", start
    for separator in said or ("\t" if ".tsv" in path.name.lower() else SEPARATORS):
        lines.seek(start)
        cells = next((row for row in _rows(path, csv.reader(lines, delimiter=separator)) if row), [])
        if len(cells) > len(best[0]):
            best = cells, separator, lines.tell()
    lines.seek(best[2])
    if not best[0]:
        raise InputError(f"{path} has no line behind those that are skipped; give a smaller skip=")
    if len(best[0]) < 2:
        raise InputError(
            f"the first line of {path} has one cell, {' '.join(best[0])[:40]!r}; a table has a column of labels and"
            " others, and separates them by a comma, a semicolon, a tab or |; lines above the names of columns are"
            " passed over with :skip=1"
        )
    return best[:2]


def _start_of(lines: StringIO, skip: int) -> int:
    """The place behind so many lines, where `lines` is put."""
    lines.seek(0)
    for _ in range(skip):
        lines.readline()
    return lines.tell()


def _numbered(path: Path, opened: _Opened) -> Iterator[tuple[int, list[str]]]:
    """The number of each row's line and its cells; every row must have a cell for each column."""
    opened.lines.seek(opened.start)
    reader, is_first = csv.reader(opened.lines, delimiter=opened.separator, strict=True), True
    for row in _rows(path, reader):
        line = opened.before + reader.line_num
        cells = row[: len(opened.names)] if not any(row[len(opened.names) :]) else row
        if row and not (len(cells) == len(opened.names) and len(row) <= len(cells) + opened.empty):
            _refuse_width(path, line, len(row), opened.names, is_first)
        if row:
            is_first = False
            yield line, cells
    if is_first:
        raise InputError(f"{path} has names of columns and no rows; there must be a line for each example")


def _rows(path: Path, reader: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        line = reader.line_num  # pyright: ignore[reportAttributeAccessIssue]
        raise InputError(
            f"{path} is no table of cells near line {line:,} ({error}); is a quotation mark open?"
        ) from error


def _refuse_width(path: Path, line: int, cells: int, names: Sequence[str], is_first: bool) -> None:
    if is_first:
        raise InputError(
            f"{path} names {len(names)} columns, and line {line} has {cells} cells; if the names are missing, write"
            f" {path.name}:header=no (columns are 1, 2, ...), with skip=1 to pass over a first line that is neither"
        )
    raise InputError(
        f"{path}, line {line:,}, has {cells} cells, the lines before it {len(names)}; a cell that holds the separator"
        " must stand in quotation marks, and an empty cell still needs its separator"
    )


def _frame(opened: _Opened, columns: Columns, mark: str) -> pd.DataFrame:
    as_text = [name for name in (columns.label, columns.group) if name]
    missing = {name: [""] if name in as_text else MISSING for name in (*columns.features, *as_text)}
    opened.lines.seek(opened.start)
    frame = pd.read_csv(
        opened.lines,
        sep=opened.separator,
        decimal=mark,
        header=None,
        names=[*opened.names, *(f"\0{i}" for i in range(opened.empty))],
        usecols=list(missing),
        dtype=dict.fromkeys(as_text, str),
        na_values=missing,
        keep_default_na=False,
        skipinitialspace=True,
        **EXACT,
        low_memory=False,
    )
    return with_points(frame, columns.features) if mark == "," else frame
