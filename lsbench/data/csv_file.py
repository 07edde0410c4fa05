"""CSV files as people and spreadsheets save them: names of columns, and the cells of each line. No pandas here.

The separator is a comma, a semicolon, a tab or |, or what a first line `sep=;` says, as Excel writes and reads it.
Lines and columns at the end that are empty are left out, as are empty lines between others. Lines may end in any way,
and a cell in quotation marks may hold ends of lines. A ' that guards a cell from being taken for a formula is taken
away.
"""

import csv
import re
from collections.abc import Collection, Iterator, Sequence
from io import StringIO
from typing import NamedTuple

from lsbench.data.text_file import read_text
from lsbench.errors import InputError
from lsbench.names.spreadsheet import unguarded

SEPARATORS = ",;\t|"
HINT = re.compile(r'\s*"?sep=(.)"?[ ,;\t]*(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
WHOLE = re.compile(r"(\d+)(?:[.,]0+)?", re.ASCII)  # 7, or what a spreadsheet makes of it: 7.0


class CsvLine(NamedTuple):
    """One line of cells."""

    number: int  # of the line of the file in which it begins
    cells: list[str]  # without spaces around them, as many as there are columns
    present: int  # how many of them were there; the others are empty


class CsvFile(NamedTuple):
    """A file whose first line names its columns."""

    file: str
    columns: tuple[str, ...]  # as they are written
    lines: tuple[CsvLine, ...]

    def place(self, name: str) -> int | None:
        """Where the column of that name is, upper or lower case; None without one. `InputError`: there are two."""
        places = [i for i, column in enumerate(self.columns) if column.lower() == name.lower()]
        if len(places) > 1:
            raise InputError(f"{self.file} has two columns called {name}; leave one, or give the other another name")
        return places[0] if places else None

    def missing(self, names: Collection[str]) -> list[str]:
        """Those of the names that no column has."""
        return [name for name in names if self.place(name) is None]

    def values(self, wanted: Sequence[str], needed: Sequence[str] = ()) -> Iterator[tuple[int, dict[str, str]]]:
        """The number of each line, and its cells by the wanted names, those of missing columns left out.

        needed: columns without which a line is refused as cut off; that they are there was asked by `missing`.
        """
        places = {name: place for name in wanted if (place := self.place(name)) is not None}
        last = max((places[name] for name in needed), default=-1)
        for line in self.lines:
            if line.present <= last:
                raise InputError(_cut_off(self.file, line.number, line.present, len(self.columns)))
            yield line.number, {name: line.cells[place] for name, place in places.items()}


def read_csv(file: str) -> CsvFile:
    """The columns and the lines of a file.

    `InputError`: no such file, none in UTF-8, a quotation mark that is left open, a line with more cells than there
    are columns, or a last line that is cut off.
    """
    text = read_text(file)
    lines = list(_lines(file, text))
    columns = _without_empty(lines[0].cells) if lines else []
    is_open = not text.endswith(("\n", "\r"))
    rows = [_fitted(file, line, len(columns)) for line in lines[1:]]
    if rows and is_open and rows[-1].present < len(columns):
        raise InputError(_cut_off(file, rows[-1].number, rows[-1].present, len(columns)))
    return CsvFile(file, tuple(columns), tuple(rows))


def columns_of(file: str) -> list[str]:
    """The names of the columns; [] of an empty file. `InputError`: as `read_csv`, of the first line."""
    first = next(_lines(file, read_text(file)), None)
    return _without_empty(first.cells) if first else []


def read_lines(file: str) -> list[CsvLine]:
    """All lines of a file that has no names of columns, as `read_csv` reads them; their lengths may differ."""
    return list(_lines(file, read_text(file)))


def separator_of(text: str) -> tuple[str, int]:
    r"""The separator of a text's cells, and where its first line begins: after a line `sep=;`.

    Example:
        >>> separator_of("path;label\n"), separator_of("sep=,\na;b,c\n")
        ((';', 0), (',', 6))
    """
    if hint := HINT.match(text):
        return hint[1], hint.end()
    header = next((line for line in text.splitlines() if line.strip()), "")
    return max(SEPARATORS, key=header.count), 0


def whole_number(cell: str) -> str:
    """The digits of a whole number without zeros before them, 7 of 007 and 7.0; what is none is left as it is."""
    matched = WHOLE.fullmatch(cell)
    return str(int(matched[1])) if matched else cell


def _lines(file: str, text: str) -> Iterator[CsvLine]:
    separator, start = separator_of(text)
    before = text[:start].count("\n") or text[:start].count("\r")
    rows = csv.reader(StringIO(text[start:], newline=""), delimiter=separator, strict=True)
    begins = 1
    try:
        for row in rows:
            cells = [unguarded(cell.strip()) for cell in row]
            if any(cells):
                yield CsvLine(before + begins, cells, len(cells))
            begins = rows.line_num + 1
    except csv.Error as error:
        where = f"{file}, line {before + begins}"
        raise InputError(f"{where}: no cells can be read ({error}); is a quotation mark left open?") from error


def _fitted(file: str, line: CsvLine, width: int) -> CsvLine:
    """With as many cells as there are columns."""
    cells = line.cells
    if any(cells[width:]):
        raise InputError(
            f"{file}, line {line.number}: {len(_without_empty(cells))} values for {width} columns; a value that holds"
            " the separator must stand in quotation marks"
        )
    return line._replace(cells=[*cells[:width], *[""] * (width - len(cells))], present=min(line.present, width))


def _without_empty(cells: list[str]) -> list[str]:
    """Without the empty ones at the end."""
    filled = [i for i, cell in enumerate(cells) if cell]
    return cells[: filled[-1] + 1] if filled else []


def _cut_off(file: str, number: int, count: int, width: int) -> str:
    return f"{file}, line {number}: {count} values for {width} columns; is the file cut off?"
