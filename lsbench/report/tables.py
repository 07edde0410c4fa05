"""A table of texts, as Markdown or LaTeX; for a terminal or a pipe see `lsbench.report.layout`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lsbench.report.text import printable

NOT_AVAILABLE = "–"


@dataclass(frozen=True)
class Entry:
    """One field of a table."""

    text: str
    best: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", printable(self.text))


@dataclass(frozen=True)
class Table:
    """Texts only: what every output format shows; a control character of a row is written out."""

    title: str
    header: tuple[str, ...]
    lines: tuple[tuple[Entry, ...], ...]
    notes: tuple[str, ...]  # of this table
    footnotes: tuple[str, ...] = ()  # what its columns mean; said once below all tables of the kind
    above: tuple[str, ...] = ()  # what must be known before its numbers are read: stands between title and header
    named_by: tuple[int, ...] = (0,)  # the columns that name a line, which are repeated where not all columns fit
    first: tuple[str, ...] = ()  # headings of the columns that are shown on top where not all columns fit

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", printable(self.title))
        object.__setattr__(self, "notes", tuple(map(printable, self.notes)))
        object.__setattr__(self, "above", tuple(map(printable, self.above)))


def footnotes(tables: Sequence[Table]) -> list[str]:
    """What the columns of these tables mean, each said once."""
    return list(dict.fromkeys(note for table in tables for note in table.footnotes))


def markdown(tables: Sequence[Table]) -> str:
    """GitHub-flavoured Markdown, best in bold."""
    return "\n\n".join(map(_markdown, tables)) + f"\n\n{_escape_markdown(' '.join(footnotes(tables)))}\n"


def latex(tables: Sequence[Table]) -> str:
    """Tables for the booktabs package, best in bold."""
    return "\n\n".join(map(_latex, tables)) + "\n"


def starred(entry: Entry) -> str:
    """The text of a field, with a star where it is the best of its column."""
    return f"{entry.text} *" if entry.best else entry.text


def _grid(table: Table, mark: Callable[[Entry], str]) -> list[list[str]]:
    return [list(table.header), *([mark(entry) for entry in line] for line in table.lines)]


def _padded(grid: list[list[str]]) -> list[list[str]]:
    """Every field as wide as its column: the first flush left, the others flush right."""
    widths = [max(3, *map(len, column)) for column in zip(*grid, strict=True)]  # Markdown's rule needs three
    return [
        [text.ljust(w) if i == 0 else text.rjust(w) for i, (text, w) in enumerate(zip(line, widths, strict=True))]
        for line in grid
    ]


def _escape_markdown(text: str) -> str:
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in text)


def _markdown(table: Table) -> str:
    def mark(entry: Entry) -> str:
        text = _escape_markdown(entry.text)
        return f"**{text}**" if entry.best else text

    head, *lines = _padded(_grid(table, mark))
    rule = ["-" * len(head[0]), *("-" * (len(text) - 1) + ":" for text in head[1:])]
    body = "\n".join(f"| {' | '.join(line)} |" for line in (head, rule, *lines))
    above = "".join(f"{_escape_markdown(text)}\n\n" for text in table.above)
    notes = "".join(f"\n- {_escape_markdown(note)}" for note in table.notes)
    return f"### {_escape_markdown(table.title)}\n\n{above}{body}" + (f"\n{notes}" if notes else "")


LATEX_SPECIAL = {c: f"\\{c}" for c in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "±": r"$\pm$",
    "Δ": r"$\Delta$",
    "†": r"$\dagger$",
    "τ": r"$\tau$",
    "−": "$-$",
    "²": "$^2$",
    "|": "$|$",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    NOT_AVAILABLE: "--",
}


def _escape_latex(text: str) -> str:
    return "".join(LATEX_SPECIAL.get(c, c) for c in text)


def _latex(table: Table) -> str:
    def mark(entry: Entry) -> str:
        text = _escape_latex(entry.text)
        return rf"\textbf{{{text}}}" if entry.best else text

    head, *lines = _grid(table, mark)
    rows = [" & ".join(line) + r" \\" for line in ([_escape_latex(text) for text in head], *lines)]
    notes = "".join(f"\n% {_escape_latex(note)}" for note in (*table.above, *table.notes))
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{_escape_latex(table.title)}}}",
            rf"\begin{{tabular}}{{l{'r' * (len(head) - 1)}}}",
            r"\toprule",
            rows[0],
            r"\midrule",
            *rows[1:],
            r"\bottomrule",
            r"\end{tabular}",
            *([rf"\par\smallskip{{\footnotesize {_escape_latex(' '.join(table.footnotes))}}}"] * bool(table.footnotes)),
            rf"\end{{table}}{notes}",
        ]
    )
