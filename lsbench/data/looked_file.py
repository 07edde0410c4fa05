"""The lines of a `verified.csv`: what people say of the examples that `lsbench verify` asked about. No pandas here."""

from collections.abc import Mapping
from typing import NamedTuple

from lsbench.data.csv_file import read_csv, whole_number
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

    The columns may stand in any order, and others are not read. `InputError`: as `read_csv`, no such columns, a line
    that is cut off, an item that is no number, or no answer at all.
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
    content = read_csv(file)
    if not content.columns:
        raise InputError(f"{file} is empty; save the answers again, from the page that `lsbench verify` wrote")
    if missing := content.missing(NEEDED):
        raise InputError(
            f"{file} is no verified.csv: it has no column {' or '.join(missing)}; the page that `lsbench verify` writes"
            f" saves its answers with {','.join(COLUMNS)}"
        )
    lines = [_line(file, number, values) for number, values in content.values(COLUMNS, NEEDED)]
    return [line for line in lines if line.label]


def _line(file: str, number: int, values: Mapping[str, str]) -> LookedLine:
    item, digest = whole_number(values["item"]), values["sha256"].lower()
    if not (item.isascii() and item.isdigit()):
        raise InputError(f"{file}, line {number}: item must be a whole number, got {values['item'][:40]!r}")
    if len(digest) != DIGITS or not set(digest) <= set("0123456789abcdef"):
        raise InputError(f"{file}, line {number}: sha256 must have 64 hex digits, got {values['sha256'][:70]!r}")
    return LookedLine(
        number,
        int(item),
        values.get("path", ""),
        digest,
        values["label"],
        " ".join(values.get("person", "").split()) or ANONYMOUS,
        values["design"],
        values.get("time", ""),
    )
