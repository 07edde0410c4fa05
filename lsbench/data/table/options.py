"""What may stand behind a table's name: `./iris.csv:label=species:drop=id+name:test=0.2:split=1`."""

from collections.abc import Mapping
from typing import NamedTuple

from lsbench.data.division_options import WITH_ALIKE, Division, division_options, keeps_alike, require_undivided
from lsbench.errors import InputError, require_choice, require_whole
from lsbench.names.reference import Reference, Value, is_own, parse
from lsbench.names.registry import lookup

SUFFIXES = (".csv", ".tsv", ".csv.gz", ".tsv.gz", ".parquet")
NAMES = {name: name for name in ("label", "drop", "header", "skip", *WITH_ALIKE)}
OF_LINES = ("header", "skip")  # options of files of lines
MOST_SKIPPED = 10_000  # lines


class TableOptions(NamedTuple):
    """The options of a table, checked."""

    label: Value | None = None  # the column of the labels; None: the only one that is called label, target or class
    drop: Value | None = None  # columns that are left out, joined by +
    division: Division = Division()  # of a table without a test table
    alike: bool = True  # whether equal rows stay in one part and in one fold
    test_file: str = ""  # the path of the test table, "" where there is none
    header: bool = True  # whether the first line names the columns; else they are called 1, 2, ...
    skip: int = 0  # lines before that


def is_table(name: str) -> bool:
    """Whether a name without options is that of a table's file."""
    return name.lower().endswith(SUFFIXES)


def with_label(name: str, label: str) -> str:
    """The name of a table with its column of labels.

    Example:
        >>> with_label("./iris.csv", "species")
        './iris.csv:label=species'
    """
    reference = parse(name)
    if not is_table(reference.name) and not is_own(reference.name):
        raise InputError(
            f"label is for a table, a DataFrame or a file that ends in {', '.join(SUFFIXES)}; got {name!r}"
        )
    if "label" in reference.options:
        raise InputError(f"data set {name!r} names its labels already; leave out label")
    return str(Reference(reference.name, {**reference.options, "label": label}))


def is_parquet(name: str) -> bool:
    """Whether a file is Parquet, by its name."""
    return name.lower().endswith(".parquet")


def table_options(what: str, options: Mapping[str, Value]) -> TableOptions:
    """Those that were given; an `InputError` says which one can't be."""
    for name in options:
        lookup(NAMES, f"option of {what}", name)
    if is_parquet(what) and (given := [name for name in OF_LINES if name in options]):
        raise InputError(f"{what} is Parquet, which names its columns itself; leave out {given[0]}=")
    skip, header = options.get("skip", 0), _yes_or_no(options.get("header", "yes"))
    require_whole("skip", skip, 0, MOST_SKIPPED)  # pyright: ignore[reportArgumentType] - that is the check
    require_choice("header", header, ("yes", "no"))
    test = options.get("test")
    test_file = test if isinstance(test, str) else ""
    if test_file:
        _require_test(what, test_file, options)
    division = None if test_file else division_options(options)
    label, drop = options.get("label"), options.get("drop")
    alike = keeps_alike(options, default=True)
    return TableOptions(label, drop, division or Division(), alike, test_file, header == "yes", int(skip))


def _yes_or_no(given: Value) -> str:
    """A name's `true` and `false` are read as truth values."""
    return {True: "yes", False: "no"}[given] if isinstance(given, bool) else str(given).lower()


def _require_test(what: str, test: str, options: Mapping[str, Value]) -> None:
    if not is_table(test):
        raise InputError(
            f"test of {what} must be a share in [0.001, 0.9], or a table, a file that ends in {', '.join(SUFFIXES)};"
            f" got {test!r}"
        )
    require_undivided(what, {name: value for name, value in options.items() if name != "test"})
