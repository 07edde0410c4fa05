"""A column of a table is one entry: its heading, what its fields say, and what it means; a table is made of columns."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from lsbench.report.tables import Entry, Table

Item = TypeVar("Item")  # what a line of the table is about, such as an arm's results
Whole = TypeVar("Whole")


def _never(item: Any) -> bool:  # noqa: ARG001 - the signature of `is_best`
    return False


@dataclass(frozen=True)
class Column(Generic[Item]):
    """All that is known of one column."""

    heading: str
    text: Callable[[Item], str]  # the field of a line
    meaning: str = ""  # for the footnotes: sentences
    is_best: Callable[[Item], bool] = _never  # whether a line's field is marked as the best of the column
    names_line: bool = False  # it is repeated where not all columns fit beside each other
    on_top: bool = False  # it is among the first that are shown where not all fit

    def of(self, part: Callable[[Whole], Item]) -> "Column[Whole]":
        """The same column of a table whose lines are about something that has an `Item`."""
        return Column(
            self.heading,
            lambda whole: self.text(part(whole)),
            self.meaning,
            lambda whole: self.is_best(part(whole)),
            self.names_line,
            self.on_top,
        )

    def entry(self, item: Item) -> Entry:
        """The field of a line."""
        return Entry(self.text(item), self.is_best(item))


def headings(columns: Iterable[Column[Any]]) -> tuple[str, ...]:
    """The headings, in their order."""
    return tuple(column.heading for column in columns)


def meanings(columns: Iterable[Column[Any]]) -> tuple[str, ...]:
    """What the columns mean, each text once."""
    return tuple(dict.fromkeys(column.meaning for column in columns if column.meaning))


def paragraph(columns: Iterable[Column[Any]]) -> str:
    """What the columns mean, in one text."""
    return " ".join(meanings(columns))


def line_of(columns: Iterable[Column[Item]], item: Item) -> tuple[Entry, ...]:
    """One line: the field of every column."""
    return tuple(column.entry(item) for column in columns)


def table_of(
    title: str,
    columns: Sequence[Column[Item]],
    items: Iterable[Item],
    *,
    above: Sequence[str] = (),
    notes: Sequence[str] = (),
    footnotes: Sequence[str] | None = None,
) -> Table:
    """A table with a line per item; `footnotes` are the columns' meanings, unless others are given."""
    return Table(
        title=title,
        header=headings(columns),
        lines=tuple(line_of(columns, item) for item in items),
        notes=tuple(notes),
        footnotes=meanings(columns) if footnotes is None else tuple(footnotes),
        above=tuple(above),
        named_by=tuple(i for i, column in enumerate(columns) if column.names_line),
        first=tuple(column.heading for column in columns if column.on_top),
    )
