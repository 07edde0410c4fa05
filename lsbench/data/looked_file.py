"""The lines of a `verified.csv`: what people say of the examples that `lsbench verify` asked about. No pandas here."""

import csv
from collections.abc import Sequence
from io import StringIO
from typing import NamedTuple

from lsbench.data.named_table import SEPARATORS
from lsbench.data.text_file import read_text
from lsbench.errors import InputError

COLUMNS = ("item", "path", "sha256", "label", "person", "design", "probability", "time")
NEEDED = ("item", "sha256", "label", "design")  # without these an answer can't be used
ANONYMOUS = "anonymous"
DIGITS = 64  # of a SHA-256


class LookedLine(NamedTuple):
    """One answer."""

    line: int  # in the file
    item: int  # the number of the example in its part
    path: str  # below the folder; "" of other data sets
    sha256: str  # of what the person was shown
    label: str  # the answer, as `lsbench.names.answers` spells it
    person: str  # `anonymous` where no name is given
    design: str  # the id of the design that asked
    time: str  # ISO 8601, UTC; "" where it is not known


def read_looked(file: str) -> list[LookedLine]:
    """The lines with an answer, in the file's order; those without one are left out.

    The columns may stand in any order, others are not read, and the separator is a comma, a semicolon or a tab.
    `InputError`: no such file or columns, a line that is cut off, an item that is no number, or no answer at all.
    """
    looked = _looked(file)
    if not looked:
        raise InputError(f"{file} has no answer: its column label is empty; write the name of a class into it")
    return looked


def may_have_answers(file: str) -> bool:
    """Whether a file has an answer; True of one that can't be read, as nobody knows what is in it."""
    try:
        return bool(_looked(file))
    except InputError:
        return True


def _looked(file: str) -> list[LookedLine]:
    text = read_text(file)
    if not text.strip():
        raise InputError(f"{file} is empty; save the answers again, from the page that `lsbench verify` wrote")
    header = text.partition("\n")[0]
    rows = csv.reader(StringIO(text, newline=""), delimiter=max(SEPARATORS, key=header.count))
    try:
        lines = [(rows.line_num, row) for row in rows]
    except csv.Error as error:
        raise InputError(f"{file}, line {rows.line_num}: {error}") from error
    columns = [name.strip().lower() for name in lines[0][1]] if lines else []
    if missing := [name for name in NEEDED if name not in columns]:
        raise InputError(
            f"{file} is no verified.csv: it has no column {' or '.join(missing)}; the page that `lsbench verify` writes"
            f" saves its answers with {','.join(COLUMNS)}"
        )
    answered = [_line(file, number, columns, row) for number, row in lines[1:] if any(cell.strip() for cell in row)]
    return [line for line in answered if line.label]


def _line(file: str, number: int, columns: Sequence[str], row: Sequence[str]) -> LookedLine:
    if len(row) < len(columns) or any(row[len(columns) :]):
        raise InputError(f"{file}, line {number}: {len(row)} values for {len(columns)} columns; is the file cut off?")
    values = {name: value.strip() for name, value in zip(columns, row, strict=False) if name in COLUMNS}
    item, digest = values["item"].removesuffix(".0"), values["sha256"].lower()
    if not (item.isascii() and item.isdigit()):
        raise InputError(f"{file}, line {number}: item must be a whole number, got {values['item'][:40]!r}")
    if len(digest) != DIGITS or not set(digest) <= set("0123456789abcdef"):
        raise InputError(f"{file}, line {number}: sha256 must have 64 hex digits, got {values['sha256'][:70]!r}")
    person = " ".join(values.get("person", "").split()) or ANONYMOUS
    return LookedLine(
        number,
        int(item),
        values.get("path", ""),
        digest,
        values["label"],
        person,
        values["design"],
        values.get("time", ""),
    )
