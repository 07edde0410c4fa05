"""How groups are named with a data set, `./photos:groups=patients.csv:column=patient`. No file is read here."""

from pathlib import Path
from typing import NamedTuple

from lsbench.errors import InputError
from lsbench.names.reference import Reference, parse

GROUPS, COLUMN = "groups", "column"  # options of a data set of the user's, whatever kind it is
SUFFIXES = (".csv", ".tsv", ".npy", ".npz")


class GroupFile(NamedTuple):
    """Where the group of each example is written."""

    path: str  # of a file; "" is the .npz file of the data set itself
    column: str = ""  # of a table, or the name of an array; "" is group, or the only array


def with_groups(dataset: str, groups: str) -> str:
    """The name of a data set with its groups: FILE, FILE:COLUMN, or the COLUMN of an .npz data set's own file.

    Example:
        >>> with_groups("./photos", "who.csv:patient"), with_groups("./xrays.npz", "patient")
        ('./photos:column=patient:groups=who.csv', './xrays.npz:column=patient')
    """
    reference, (path, column) = parse(dataset), _split(groups)
    if {GROUPS, COLUMN} & set(reference.options):
        raise InputError(f"data set {dataset!r} names its groups already; leave out --groups")
    given = {GROUPS: path, COLUMN: column}
    return str(Reference(reference.name, {**reference.options, **{word: one for word, one in given.items() if one}}))


def without_groups(reference: Reference) -> tuple[Reference, GroupFile | None]:
    """The name without its groups, and these, where it has any."""
    options = dict(reference.options)
    path, column = (str(options.pop(word, "")) for word in (GROUPS, COLUMN))
    if not path and not column:
        return reference, None
    if path and not path.lower().endswith(SUFFIXES):
        raise InputError(f"groups are read from a file that ends in {', '.join(SUFFIXES)}; got {path!r}")
    return Reference(reference.name, options), GroupFile(path, column)


def _split(groups: str) -> tuple[str, str]:
    """The file and the column of FILE, FILE:COLUMN or COLUMN."""
    if not groups.strip():
        raise InputError("--groups is empty; give a file, FILE:COLUMN, or the name of a column")
    path, colon, column = groups.rpartition(":")
    if colon and path.lower().endswith(SUFFIXES):
        return path, column
    return (groups, "") if groups.lower().endswith(SUFFIXES) or Path(groups).exists() else ("", groups)
