"""Which files behind `labels=` change labels, by the columns that they begin with."""

from collections.abc import Sequence
from pathlib import Path

from lsbench.data.csv_file import columns_of
from lsbench.data.looked_file import NEEDED as OF_LOOKED
from lsbench.data.named_table import SUFFIXES
from lsbench.data.relabelled.fixes_file import NEEDED as OF_FIXES
from lsbench.data.table.options import is_table
from lsbench.errors import InputError
from lsbench.names.reference import Reference, parse

LABELS = "labels"
JOINS = "+"  # several files


def with_label_files(dataset: str, files: Sequence[str]) -> str:
    """The name of a data set with files of labels, in their order; an `InputError` for a name that has some.

    Example:
        >>> with_label_files("./photos", ["fixes.csv", "verified.csv"])
        './photos:labels=fixes.csv+verified.csv'
    """
    reference = parse(dataset)
    if LABELS in reference.options:
        raise InputError(f"data set {dataset!r} names its files of labels already; leave out labels")
    marks = ":" + JOINS * (len(files) > 1)
    for file in files:
        if not file:
            raise InputError("labels takes files, got an empty path; leave it out to change no label")
        if set(marks) & set(file):
            raise InputError(f"labels takes paths without {' and '.join(marks)}, got {file!r}; rename the file")
    return str(Reference(reference.name, {**reference.options, LABELS: JOINS.join(files)}))


def without_changes(reference: Reference, root: Path | None = None) -> tuple[Reference, tuple[Path, ...]]:
    """The name of a data set without the files that change its labels, and these, in their order.

    Files are joined by +, and looked for from the current folder, then in `root`, the folder of the images. Of a file
    the first line is read. Files of other columns stay in the name: they are the labels of a folder themselves.

    Raises:
        InputError: a file that can't be read.
    """
    given = str(reference.options.get(LABELS, ""))
    names = [given] if _place(given, root) else given.split(JOINS)
    places = {name: place for name in names if (place := _place(name, root)) and is_of_changes(place)}
    if not places:
        return reference, ()
    others = JOINS.join(name for name in names if name not in places)
    rest = {word: value for word, value in reference.options.items() if word != LABELS}
    options = {**rest, LABELS: others} if others else rest
    return Reference(reference.name, options), tuple(places.values())


def is_of_changes(path: Path) -> bool:
    """Whether a file is a fixes.csv or a verified.csv, by its columns."""
    return is_fixes(path) or {*OF_LOOKED} <= _columns(path)


def is_fixes(path: Path) -> bool:
    """Whether a file is a fixes.csv, by its columns."""
    return {*OF_FIXES} <= _columns(path)


def require_only_changes(reference: Reference) -> None:
    """Raise an `InputError` for another file of labels, of a data set that has its labels in itself."""
    if LABELS in reference.options:
        given = reference.options[LABELS]
        column = f"; a column of labels is named label={given}" if is_table(reference.name) else ""
        raise InputError(
            f"labels of {reference.name} are changed by a file of `lsbench suspects --write` or `lsbench verify`, with"
            f" columns {', '.join(OF_FIXES)}, or {', '.join(OF_LOOKED)}; {given} has others, or is"
            f" not there{column}"
        )


def _place(name: str, root: Path | None) -> Path | None:
    """Where the file of that name is; None where it is not there, or no table."""
    if not name.lower().endswith(SUFFIXES):
        return None
    places = (Path(name).expanduser(), *([root / name] if root else []))
    return next((place.resolve() for place in places if place.is_file()), None)


def _columns(path: Path) -> set[str]:
    return {name.lower() for name in columns_of(str(path))}
