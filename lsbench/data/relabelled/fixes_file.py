"""The lines of a `fixes.csv`: given labels, and the verdicts that take their place. No pandas here."""

from collections.abc import Mapping
from typing import NamedTuple

from lsbench.data.csv_file import read_csv, whole_number
from lsbench.data.looked_file import ANONYMOUS
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

    The columns may stand in any order, and others are not read. `InputError`: as `read_csv`, no such columns, a line
    that is cut off, an example that is no number.
    """
    content = read_csv(file)
    if missing := content.missing(NEEDED):
        raise InputError(f"{file} is no fixes.csv: it has no column {' or '.join(missing)}")
    lines = [_line(file, number, values) for number, values in content.values(COLUMNS, NEEDED)]
    return [line for line in lines if line.verdict]


def _line(file: str, number: int, values: Mapping[str, str]) -> FixLine:
    example = whole_number(values["example"])
    if not (example.isascii() and example.isdigit()):
        raise InputError(f"{file}, line {number}: example must be a whole number, got {values['example'][:40]!r}")
    person = " ".join(values["person"].split()) or ANONYMOUS
    person = PREDICTIONS if person.casefold() == PREDICTIONS else person  # a spreadsheet may begin it with a capital
    return FixLine(number, int(example), values.get("path", ""), values["given"], values["verdict"], person)
