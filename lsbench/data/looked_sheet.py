"""The CSV for people who write labels in a spreadsheet: the columns of a `verified.csv`, and what to look at."""

import csv
import re
from collections.abc import Sequence
from io import StringIO
from typing import NamedTuple

from lsbench.data.items import Item
from lsbench.data.looked_file import COLUMNS
from lsbench.names.answers import NUMBER
from lsbench.names.encoding import visible

FORMULA = re.compile(r"[=+@\t\r-]")  # the first character of a cell that a spreadsheet may take for a formula
PICTURE = "picture"
ROW = "row: "  # before the name of a table's column, which could be called `label`


class SheetLine(NamedTuple):
    """One example to be looked at."""

    item: Item
    probability: str  # its size in the design
    picture: str  # the path of its picture from the CSV; "" where it has none


def sheet(lines: Sequence[SheetLine], design: str) -> str:
    """The CSV, in the order of the lines; its label is empty. The path is left out, as it may say the given label."""
    shown = list(dict.fromkeys(name for line in lines for name, _ in line.item.fields or ()))
    has_pictures = any(line.picture for line in lines)
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*COLUMNS[:1], *[PICTURE] * has_pictures, *(ROW + visible(name) for name in shown), *COLUMNS[1:]])
    for line in lines:
        fields = dict(line.item.fields or ())
        to_see = [*[line.picture] * has_pictures, *(harmless(fields.get(name, "")) for name in shown)]
        writer.writerow([line.item.number, *to_see, "", line.item.digest, "", "", design, line.probability, ""])
    return text.getvalue()


def harmless(text: str) -> str:
    """The text of a cell; before one that a spreadsheet would take for a formula stands a '."""
    text = visible(text)
    return f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text) else text
