"""A CSV that says something of each example, by its path or its number: of groups, of labels. No pandas here."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from lsbench.data.csv_file import CsvFile, read_csv, whole_number
from lsbench.errors import InputError

SUFFIXES = (".csv", ".tsv")
NUMBER = "number"  # the key that is no path
SEPARATED = "; cells are separated by a comma, a semicolon, a tab or |"
SHOWN = 5  # names in a sentence


class NamedTable(NamedTuple):
    """One column of a table, by what its rows name."""

    values: dict[str, str]  # "" where the cell is empty and that is allowed
    others: tuple[str, ...] = ()  # the columns that were not read


def read_named(
    file: str, keys: Sequence[str], column: str, example: str, may_be_empty: bool = False, remedy: str = "fill it in"
) -> NamedTable:
    """The column of a table with a header, by the first of the keys that it has; any order of the rows.

    Names are as a data set writes them, see `written`. example, remedy: what a right table looks like, and
    what to do about an empty cell, for errors.
    `InputError`: as `read_csv`; no such columns, a row without a key or a value, a name that comes twice, or two values
    that are one but for a spreadsheet, see `require_one_spelling`.
    """
    content = read_csv(file)
    key = next((name for name in keys if content.place(name) is not None), None)
    if key is None or content.place(column) is None:
        raise InputError(
            f"{file} must begin with a line of column names that has {column}, and {' or '.join(keys)}, {example};"
            f" got {first_line(content)!r}{SEPARATED * (len(content.columns) == 1)}"
        )
    lines = list(content.values((key, column)))
    _require_filled(file, lines, [key] if may_be_empty else [key, column], remedy)
    require_one_spelling(file, [(line, row[column]) for line, row in lines])
    pairs = [(written(key, row[key]), row[column]) for _, row in lines]
    if twice := [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]:
        raise InputError(f"{file} names {listed(twice)} twice; leave one line for each")
    others = [name for name in content.columns if name.lower() not in (key, column.lower())]
    return NamedTable(dict(pairs), tuple(others))


def _require_filled(file: str, lines: Sequence[tuple[int, dict[str, str]]], names: Sequence[str], remedy: str) -> None:
    for name in names:
        if empty := [line for line, row in lines if not row[name]]:
            one = (
                f"line {empty[0]}: it has"
                if len(empty) == 1
                else f"line {empty[0]} and {len(empty) - 1:,} more: they have"
            )
            raise InputError(f"{file}, {one} no {name}; {remedy}")


def first_line(content: CsvFile) -> str:
    """How the first line begins, for an error."""
    return ",".join(content.columns)[:80]


def written(key: str, name: str) -> str:
    """A name as a data set has it: 007 and 7.0 are 7 for numbers, a path has forward slashes and no ./ before it."""
    return whole_number(name) if key == NUMBER else name.replace("\\", "/").removeprefix("./")


def require_one_spelling(file: str, values: Sequence[tuple[int, str]]) -> None:
    """Raise an `InputError` for two values that a spreadsheet may have made of one: 01 and 1, TRUE and true.

    values: with the lines that they stand in.
    """
    spellings: dict[object, tuple[int, str]] = {}
    for line, value in values:
        before, other = spellings.setdefault(_meant(value), (line, value))
        if other != value:
            raise InputError(
                f"{file}, line {line}: {value!r} and {other!r} of line {before} may be one and the same, which a"
                " spreadsheet changed; write them alike, or name them so that they differ otherwise"
            )


def _meant(value: str) -> object:
    """What a value is for a spreadsheet: a number, true or false, or the text itself."""
    if value.casefold() in ("true", "false"):
        return value.casefold()
    try:
        return float(value) if value.isascii() and value[-1:].isdigit() else value
    except ValueError:
        return value


def listed(names: Sequence[str]) -> str:
    """The first names, quoted, and how many more there are."""
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(map(repr, names[:SHOWN])) + more
