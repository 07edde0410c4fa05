"""How tables and texts come to standard output: within a terminal's width, of full width and plain in a pipe."""

import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from lsbench.planning.lists import names

if TYPE_CHECKING:
    from lsbench.report.layout import Line
    from lsbench.report.tables import Table

NARROWEST = 20  # columns; a terminal that says less is not believed
PROSE = 100  # columns that a paragraph takes at most
COLUMNS_HELP = "Only these columns: words of their headings, as in accuracy,delta,ece."
Columns = Annotated[list[str] | None, typer.Option("--columns", help=COLUMNS_HELP, show_default="all")]


def show_tables(tables: "Sequence[Table]", columns: Sequence[str] | None = None) -> None:
    """Tables, or some columns of them, with what the columns mean below."""
    from lsbench.report.layout import plain

    made = chosen(tables, columns)
    if sys.stdout.isatty():
        draw(made)
    else:
        sys.stdout.write(plain(made))


def chosen(tables: "Sequence[Table]", columns: Sequence[str] | None) -> "list[Table]":
    """The tables with the columns that --columns names; `InputError` for one that there is not."""
    from lsbench.report.column_choice import choose_columns

    return choose_columns(tables, names("--columns", columns)) if columns else list(tables)


def require_columns(headings: Iterable[str], columns: Sequence[str] | None) -> None:
    """Raise an `InputError` where --columns names one that there will not be; for what takes long to make."""
    from lsbench.report.column_choice import require_columns as require

    require(headings, names("--columns", columns) if columns else ())


def draw(tables: "Sequence[Table]") -> None:
    """Tables on a terminal, in colour unless NO_COLOR is set; no line is wider than the terminal."""
    from rich.console import Console

    from lsbench.report.layout import fitted, paragraphs
    from lsbench.report.tables import footnotes

    width = terminal_width()
    console = Console(highlight=False, markup=False, width=10_000)  # the lines are of the right width already
    for table in tables:
        console.print(*map(_drawn, fitted(table, width)), "", sep="\n")
    console.print("\n".join(paragraphs(footnotes(tables), min(width, PROSE))), style="dim")


def _drawn(line: "Line"):
    from rich.text import Text

    return Text.assemble(*((text, "bold green" if best else "") for text, best in line))


def show_text(lines: Iterable[str]) -> None:
    """Lines as they are in a pipe; on a terminal those that are too long go on below the start of their text."""
    from lsbench.report.text import wrapped

    for line in lines:
        print("\n".join(wrapped(line, terminal_width(), _below(line))) if sys.stdout.isatty() else line)


def _below(line: str) -> str:
    """As far as the text is from the left, where a name in a column of its own stands before it."""
    column = re.match(r"\S+ {2,}", line)
    return " " * (len(column[0]) if column and len(column[0]) <= terminal_width() // 3 else 4)


def show_paragraphs(texts: Iterable[str]) -> None:
    """Each with an empty line below: one line in a pipe, on a terminal lines of its width, at most 100."""
    from lsbench.report.text import wrapped

    for text in texts:
        lines = wrapped(text, min(PROSE, terminal_width())) if sys.stdout.isatty() else [text]
        print(*lines, "", sep="\n")


def terminal_width() -> int:
    """Its columns, or what COLUMNS says."""
    return max(NARROWEST, shutil.get_terminal_size().columns)
