"""A CSV that says something of each example, by its path or its number: of groups, of labels. No pandas here."""

import csv
from collections import Counter
from collections.abc import Sequence
from io import StringIO
from typing import NamedTuple

from lsbench.data.text_file import read_text
from lsbench.errors import InputError

SUFFIXES = (".csv", ".tsv")
SEPARATORS = ",;\t"
NUMBER = "number"  # the key that is no path
SHOWN = 5  # names in a sentence


class NamedTable(NamedTuple):
    """One column of a table, by what its rows name."""

    values: dict[str, str]  # "" where the cell is empty and that is allowed
    others: tuple[str, ...] = ()  # the columns that were not read


def read_named(file: str, keys: Sequence[str], column: str, example: str, may_be_empty: bool = False) -> NamedTable:
    """The column of a table with a header, by the first of the keys that it has; any order of the rows.

    Names are as a data set writes them: 007 is 7 for numbers, and a path has forward slashes and no ./ before it.
    example: what a right table looks like, for the error. `InputError`: no such columns, a row without a key or a
    value, a name that comes twice.
    """
    text = read_text(file)
    header = text.partition("\n")[0]
    rows = csv.DictReader(StringIO(text, newline=""), delimiter=max(SEPARATORS, key=header.count))
    columns = [(name or "").strip() for name in rows.fieldnames or ()]
    lower = [name.lower() for name in columns]
    key = next((name for name in keys if name in lower), None)
    if key is None or column.lower() not in lower:
        raise InputError(
            f"{file} must begin with a line of column names that has {column}, and {' or '.join(keys)}, {example};"
            f" got {header.strip()[:80]!r}"
        )
    rows.fieldnames = lower
    pairs = list(_pairs(file, rows, key, column.lower(), may_be_empty))
    if twice := [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]:
        raise InputError(f"{file} names {listed(twice)} twice; leave one line for each")
    others = [name for name in columns if name.lower() not in (key, column.lower())]
    return NamedTable(dict(pairs), tuple(others))


def _pairs(file: str, rows: "csv.DictReader[str]", key: str, column: str, may_be_empty: bool) -> list[tuple[str, str]]:
    try:
        lines = [(rows.line_num, row) for row in rows]
    except csv.Error as error:
        raise InputError(f"{file}, line {rows.line_num}: {error}") from error
    pairs = []
    for line, row in lines:
        name, value = _written(key, row[key] or ""), (row[column] or "").strip()
        if not name or not (value or may_be_empty):
            raise InputError(f"{file}, line {line}: it has no {column if name else key}")
        pairs.append((name, value))
    return pairs


def _written(key: str, name: str) -> str:
    name = name.strip()
    if key == NUMBER:
        return str(int(name)) if name.isascii() and name.isdigit() else name
    return name.replace("\\", "/").removeprefix("./")


def listed(names: Sequence[str]) -> str:
    """The first names, quoted, and how many more there are."""
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(map(repr, names[:SHOWN])) + more
