"""Labels out of a CSV that names the examples: `path,label`, or `number,label`, in any order of the rows."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from lsbench.data.csv_file import read_csv
from lsbench.data.named_table import NUMBER, SUFFIXES, first_line, listed, written
from lsbench.errors import InputError

KEYS = ("path", NUMBER)  # the columns that may say which example a row is of


class ExpectedExamples(NamedTuple):
    """The examples of a data set whose labels are to be replaced."""

    n: int
    class_names: tuple[str, ...]
    paths: tuple[str, ...] = ()  # (n,), of a folder's images
    others: Collection[str] = ()  # paths that the file may name too: of test images and broken ones
    first_number: int = 0  # of the examples: those of a test set come after all others


class _Table(NamedTuple):
    """The rows of a file, without those of the other part."""

    key: str  # path or number
    names: list[str]
    labels: list[list[str]]  # of each row: one, or one of each person


def is_table(file: str) -> bool:
    """Whether labels come as text, with names."""
    return file.lower().endswith(SUFFIXES)


def load_table(file: str, *, test: bool = False, several: bool = False) -> _Table:
    """The rows of a CSV with a header that has label, and path or number; separated by commas, semicolons or tabs.

    With `several` all columns whose names begin with label are read, and may be empty: one of each person. Other
    columns are passed over, and rows whose column part says test; for a test set, those that say anything else.
    `InputError`: no such file, no such header, or a row without its name or label.
    """
    content = read_csv(file)
    columns = [name.lower() for name in content.columns]
    key = next((name for name in KEYS if name in columns), None)
    labels = [name for name in dict.fromkeys(columns) if name == "label" or (several and name.startswith("label"))]
    if key is None or not labels:
        raise InputError(
            f"{file} must begin with a line of column names that has label, and path or number, as `lsbench order`"
            f" prints them; got {first_line(content)!r}"
        )
    wanted = dict.fromkeys((key, *labels, "part"))
    kept = [(line, row) for line, row in content.values(tuple(wanted)) if _is_of(row.get("part"), test=test)]
    for line, row in kept:
        if missing := [name for name in (key, *([] if several else labels)) if not row[name]]:
            raise InputError(f"{file}, line {line}: it has no {missing[0]}")
    return _Table(key, [row[key] for _, row in kept], [[row[name] for name in labels] for _, row in kept])


def _is_of(part: str | None, *, test: bool) -> bool:
    """Whether a row is of the test set, or of the others; one that does not say is of either."""
    word = (part or "").strip().lower()
    return not word or (word == "test") == test


def in_order(file: str, table: _Table, examples: ExpectedExamples) -> np.ndarray:
    """The labels in the order of the examples, text (n, columns); `InputError` names what is not in the data set."""
    if table.key == "path" and not examples.paths:
        raise InputError(f"{file} names files, and this data set has none; give a column number instead of path")
    expected = examples.paths if table.key == "path" else [str(examples.first_number + i) for i in range(examples.n)]
    names = _as_written(table, set(expected).union(examples.others))
    _require_same(file, names, expected, examples.others)
    labels_of = dict(zip(names, table.labels, strict=True))
    return np.array([labels_of[name] for name in expected], str)


def class_numbers(file: str, labels: Sequence[str], class_names: tuple[str, ...]) -> np.ndarray:
    """Names of classes as their numbers, (n,) int64; numbers are taken too unless numbers are what the names are.

    `InputError`: a label that is no class.
    """
    numbers = {name: number for number, name in enumerate(class_names)}
    if not any(name.lstrip("-").isdigit() for name in class_names):
        numbers = {**{str(number): number for number in range(len(class_names))}, **numbers}
    if unknown := [label for label in dict.fromkeys(labels) if label not in numbers]:
        raise InputError(
            f"{file} has labels that are no class of this data set: {listed(unknown)};"
            f" its classes are {listed(class_names)}"
        )
    return np.array([numbers[label] for label in labels], np.int64)


def _as_written(table: _Table, expected: set[str]) -> list[str]:
    """Names as the data set has them; a file's own name may have a backslash."""
    return [name if name in expected else written(table.key, name) for name in table.names]


def _require_same(file: str, names: list[str], expected: Sequence[str], others: Collection[str]) -> None:
    wanted, passed_over = set(expected), set(others)
    counts = Counter(names)
    faults = {
        "examples have no label": [name for name in expected if name not in counts],
        "names are of no example": [name for name in counts if name not in wanted and name not in passed_over],
        "names are given twice": [name for name, count in counts.items() if count > 1],
    }
    said = [
        f"{len(names_at_fault):,} {what} ({listed(names_at_fault)})"
        for what, names_at_fault in faults.items()
        if names_at_fault
    ]
    if said:
        raise InputError(f"{file} does not go with the data set: {'; '.join(said)}; `lsbench order` prints its names")
