"""Which columns of a table are labels, groups and features, by their names."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from lsbench.data.table.options import TableOptions
from lsbench.errors import InputError
from lsbench.names.few import few
from lsbench.names.reference import Value, parse
from lsbench.names.registry import lookup

LABELS = ("label", "target", "class")  # what a column of labels is called, where none is named
SHOWN = 8  # names in a sentence


class Columns(NamedTuple):
    """The names of the columns of a table that are read."""

    label: str
    group: str  # "" where there are no groups
    features: tuple[str, ...]


def named(what: str, header: Sequence[str], has_names: bool = False) -> list[str]:
    """The names of a header's columns, each once; that of an empty cell is `column 1`, by its place.

    has_names: whether it is known that these are names, of which all may be numbers.
    """
    names = [cell.strip() or f"column {i + 1}" for i, cell in enumerate(header)]
    if not has_names and all(map(_is_number, names)):
        raise InputError(
            f"the first line of {what} holds numbers alone, {listed(names[:4])}, no names of columns; write :header=no"
            " behind the name of the file, and columns are called 1, 2, ..."
        )
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise InputError(f"{what} has several columns that are called {listed(twice)}; give each a name of its own")
    return names


def choose_columns(what: str, names: Sequence[str], asked: TableOptions, group: str = "") -> Columns:
    """The columns that are asked for; all others are features. `InputError`: no such column, or none left."""
    label = column_of(what, names, asked.label) if asked.label is not None else _usual_label(what, names)
    group = column_of(what, names, group) if group else ""
    dropped = _dropped(what, names, asked.drop)
    if group == label:
        raise InputError(f"column {label!r} of {what} is the label, and can't be the group; name another column")
    if label in dropped:
        raise InputError(f"column {label!r} of {what} is the label, and can't be left out; take it out of drop")
    features = tuple(name for name in names if name not in (label, group, *dropped))
    if not features:
        raise InputError(f"no column of {what} is left to learn from: it has {listed(names)}")
    return Columns(label, group, features)


def column_of(what: str, names: Sequence[str], given: Value) -> str:
    """The column of that name, which may be written as a number; `InputError` suggests near ones."""
    if str(given) in names:
        return str(given)
    if (same := next((name for name in names if _read(name) == given), None)) is not None:
        return same
    return lookup({name: name for name in names}, f"column of {what}", str(given))


def listed(names: Sequence[str]) -> str:
    """The first names, quoted, and how many more there are."""
    return few(map(repr, names), SHOWN)


def _usual_label(what: str, names: Sequence[str]) -> str:
    usual = [name for name in names if name.lower() in LABELS]
    if len(usual) == 1:
        return usual[0]
    asked = f"it has {listed(usual)}" if usual else f"its columns are {listed(names)}"
    raise InputError(
        f"{what}: which column holds the labels? {asked}; write :label=NAME behind the name of the table, or"
        " label='NAME' in compare"
    )


def _dropped(what: str, names: Sequence[str], drop: Value | None) -> tuple[str, ...]:
    if drop is None:
        return ()
    if str(drop) in names:
        return (str(drop),)
    parts = str(drop).split("+") if isinstance(drop, str) else [drop]
    return tuple(column_of(what, names, part) for part in parts)


def _read(name: str) -> Value:
    """A column's name as an option reads it: 007 is 7."""
    return parse(f"x:name={name}").options["name"] if ":" not in name else name


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
