"""A summary as a table, and a table as Markdown, LaTeX, or text for a terminal or a pipe."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsbench.report.text import printable
from lsbench.statistics import Difference, Spread
from lsbench.summary import BASELINE, Arm, Summary

if TYPE_CHECKING:
    from rich.table import Table as RichTable

NOT_AVAILABLE = "–"


@dataclass(frozen=True)
class Entry:
    """One field of a table."""

    text: str
    best: bool = False


@dataclass(frozen=True)
class Table:
    """Texts only: what every output format shows; `make_table` lets no control character of a row in."""

    title: str
    header: tuple[str, ...]
    lines: tuple[tuple[Entry, ...], ...]
    notes: tuple[str, ...]


def make_table(summary: Summary) -> Table:
    """A summary's table: one line per loss and hyperparameters."""
    mixed = len(summary.origins) > 1
    return Table(
        title=printable(_title(summary)),
        header=(
            *(
                "loss",
                "eps",
                "n",
                "accuracy %",
                f"Δ accuracy vs {BASELINE} [95 %]",
                "p (Holm)",
                "seeds to decide",
                "ECE %",
                "NLL",
                "Brier",
            ),
            *("wrong labels fitted %", "s/epoch"),
        ),
        lines=tuple(_line(arm) for arm in summary.arms),
        notes=(
            *(printable(f"{row.status}: {_name(row.cell)} seed {row.cell.seed}: {row.error}") for row in summary.lost),
            *([f"warning: rows of differing origin are compared: {printable('; '.join(summary.origins))}"] * mixed),
        ),
    )


FOOTNOTES = (
    "mean ± sd of one seed, on the test set after the last epoch; n seeds.",
    "Δ: mean of the differences paired by seed, with Student's 95 % interval; p of its t-test, adjusted by Holm.",
    "seeds to decide: with so many, a difference of this size would be found 4 times in 5.",
    "Best (bold, or *) is marked only where its paired interval against every other line leaves 0 out.",
    "ECE: 15 equal-width bins, right-closed. Wrong labels fitted: share of the wrong training labels it predicts.",
)


def markdown(tables: Sequence[Table]) -> str:
    """GitHub-flavoured Markdown, best in bold."""
    return "\n\n".join(_markdown(table) for table in tables) + f"\n\n{_escape_markdown(' '.join(FOOTNOTES))}\n"


def latex(tables: Sequence[Table]) -> str:
    """Tables for the booktabs package, best in bold."""
    return "\n\n".join(_latex(table) for table in tables) + "".join(f"\n% {note}" for note in FOOTNOTES) + "\n"


def plain(tables: Sequence[Table]) -> str:
    """Text of full width, in columns, best marked with *."""
    return "\n\n".join(plain_table(table) for table in tables) + "\n\n" + "\n".join(FOOTNOTES) + "\n"


def for_terminal(table: Table) -> "RichTable":
    """A rich table, best in bold."""
    from rich.table import Table as RichTable
    from rich.text import Text

    drawn = RichTable(title=Text(table.title), caption=Text("\n".join(table.notes)), title_justify="left")
    for i, text in enumerate(table.header):
        drawn.add_column(Text(text), justify="right" if i else "left")
    for line in table.lines:
        drawn.add_row(*(Text(_starred(entry), style="bold green" if entry.best else "") for entry in line))
    return drawn


def _title(summary: Summary) -> str:
    s = summary.setting
    realised = "" if not summary.noise_realised else f" (realised {summary.noise_realised:.4f})"
    noise = "no noise" if not s.noise_rate else f"{s.noise} noise {s.noise_rate:g}{realised}"
    recipe = s.recipe
    rest = [
        f"{recipe.epochs} epochs",
        f"batch {recipe.batch_size}",
        f"{recipe.optimizer} {recipe.lr:g}",
        f"momentum {recipe.momentum:g}",
        recipe.schedule,
        *([f"weight decay {recipe.weight_decay:g}"] if recipe.weight_decay else []),
        *([f"clip {recipe.clip:g}"] if recipe.clip is not None else []),
        *([f"{s.train_size:,} training examples"] if s.train_size is not None else []),
        f"{s.val:.0%} held out",
    ]
    return f"{s.dataset}, {s.model}, {noise}: {', '.join(rest)}"


def _name(cell_or_arm) -> str:
    return " ".join([cell_or_arm.loss, *(f"{name}={value:g}" for name, value in cell_or_arm.hyper)])


def _line(arm: Arm) -> tuple[Entry, ...]:
    hyper = dict(arm.hyper)
    eps = hyper.pop("eps", None)
    loss = " ".join([arm.loss, *(f"{name}={value:g}" for name, value in hyper.items())])

    def entry(name: str, scale: float, digits: int) -> Entry:
        return Entry(_spread(arm.spreads[name], scale, digits), name in arm.best_in)

    return (
        Entry(printable(loss)),
        Entry(NOT_AVAILABLE if eps is None else f"{eps:g}"),
        Entry(str(arm.n)),
        entry("accuracy", 100, 2),
        Entry(_difference(arm.against_baseline)),
        Entry(_optional(arm.p_holm, ".2g")),
        Entry(_optional(arm.seeds_to_decide, ",d")),
        entry("ece", 100, 2),
        entry("nll", 1, 4),
        entry("brier", 1, 4),
        entry("train_accuracy_wrong", 100, 1),
        Entry(f"{arm.seconds_per_epoch:.2f}"),
    )


def _spread(value: Spread | None, scale: float, digits: int) -> str:
    if value is None:
        return NOT_AVAILABLE
    mean = f"{value.mean * scale:.{digits}f}"
    return mean if value.sd is None else f"{mean} ± {value.sd * scale:.{digits}f}"


def _optional(value: float | None, form: str) -> str:
    return NOT_AVAILABLE if value is None else format(value, form)


def _difference(value: Difference | None) -> str:
    if value is None:
        return NOT_AVAILABLE
    mean = f"{value.mean * 100:+.2f}"
    if value.low is None or value.high is None:
        return mean
    return f"{mean} [{value.low * 100:+.2f}, {value.high * 100:+.2f}]"


def _starred(entry: Entry) -> str:
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
    notes = "".join(f"\n- {_escape_markdown(note)}" for note in table.notes)
    return f"### {_escape_markdown(table.title)}\n\n{body}" + (f"\n{notes}" if notes else "")


LATEX_SPECIAL = {c: f"\\{c}" for c in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "±": r"$\pm$",
    "Δ": r"$\Delta$",
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
    notes = "".join(f"\n% {_escape_latex(note)}" for note in table.notes)
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
            rf"\end{{table}}{notes}",
        ]
    )


def plain_table(table: Table) -> str:
    """One table as text of full width."""
    lines = ["  ".join(line).rstrip() for line in _padded(_grid(table, _starred))]
    rule = "-" * max(map(len, lines))
    return "\n".join([table.title, rule, lines[0], rule, *lines[1:], *table.notes])
