"""The lines of a `fixes.csv`: given labels, and the verdicts that take their place. No pandas here."""

import csv
from collections.abc import Sequence
from io import StringIO
from typing import NamedTuple

from lsbench.data.looked_file import ANONYMOUS
from lsbench.data.named_table import SEPARATORS
from lsbench.data.text_file import read_text
from lsbench.errors import InputError

COLUMNS = ("example", "path", "given", "suggested", "score", "verdict", "person", "time")
NEEDED = ("example", "given", "verdict", "person")  # without these a verdict can't be used
PREDICTIONS = "predictions"  # the person of a verdict that nobody looked at
KEEP = "keep"  # a verdict: the given label is right


class FixLine(NamedTuple):
    """One verdict."""

    line: int  # in the file
    example: int  # its number among all, as `lsbench order` prints it
    path: str  # what the example is called; "" where it has no name
    given: str  # the label that it had when the file was written
    verdict: str  # the answer, as `lsbench.names.answers` spells it, or `keep`
    person: str


def read_fixes(file: str) -> list[FixLine]:
    """The lines with a verdict, in the file's order; those without one leave their label as it is.

    The columns may stand in any order, others are not read, and the separator is a comma, a semicolon or a tab.
    `InputError`: no such file or columns, a line that is cut off, an example that is no number.
    """
    text = read_text(file)
    header = text.partition("\n")[0]
    rows = csv.reader(StringIO(text, newline=""), delimiter=max(SEPARATORS, key=header.count))
    try:
        lines = [(rows.line_num, row) for row in rows if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise InputError(f"{file}, line {rows.line_num}: {error}") from error
    columns = [name.strip().lower() for name in lines[0][1]] if lines else []
    if missing := [name for name in NEEDED if name not in columns]:
        raise InputError(f"{file} is no fixes.csv: it has no column {' or '.join(missing)}")
    read = [_line(file, number, columns, row) for number, row in lines[1:]]
    return [line for line in read if line.verdict]


def _line(file: str, number: int, columns: Sequence[str], row: Sequence[str]) -> FixLine:
    if len(row) < len(columns) or any(row[len(columns) :]):
        raise InputError(f"{file}, line {number}: {len(row)} values for {len(columns)} columns; is the file cut off?")
    values = {name: value.strip() for name, value in zip(columns, row, strict=False) if name in COLUMNS}
    example = values["example"].removesuffix(".0")
    if not (example.isascii() and example.isdigit()):
        raise InputError(f"{file}, line {number}: example must be a whole number, got {values['example'][:40]!r}")
    person = " ".join(values["person"].split()) or ANONYMOUS
    person = PREDICTIONS if person.casefold() == PREDICTIONS else person  # a spreadsheet may begin it with a capital
    return FixLine(number, int(example), values.get("path", ""), values["given"], values["verdict"], person)
