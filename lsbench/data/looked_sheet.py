"""The CSV for people who write labels in a spreadsheet: the columns of a `verified.csv`, and what to look at."""

from collections.abc import Sequence
from typing import NamedTuple

from lsbench.data.items import Item
from lsbench.data.looked_file import COLUMNS
from lsbench.names.encoding import visible
from lsbench.names.spreadsheet import csv_text

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
    rows = [[*COLUMNS[:1], *[PICTURE] * has_pictures, *(ROW + visible(name) for name in shown), *COLUMNS[1:]]]
    for line in lines:
        fields = dict(line.item.fields or ())
        to_see = [*[line.picture] * has_pictures, *(visible(fields.get(name, "")) for name in shown)]
        rows.append([str(line.item.number), *to_see, "", line.item.digest, "", "", design, line.probability, ""])
    return csv_text(rows)
