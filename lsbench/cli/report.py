"""`lsbench report`: tables from stored rows."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lsbench.cli.say import say
from lsbench.errors import InputError, NothingToReportError


class Format(StrEnum):
    """How a report is written."""

    table = "table"
    markdown = "markdown"
    csv = "csv"
    latex = "latex"
    json = "json"


FILES = {
    Format.table: "report.txt",
    Format.markdown: "report.md",
    Format.csv: "rows.csv",
    Format.latex: "report.tex",
    Format.json: "rows.json",
}


def report(
    results: Annotated[Path | None, typer.Argument(help="The folder that `run` wrote.", show_default="results")] = None,
    format: Annotated[  # noqa: A002 - the option's name
        Format, typer.Option(help="table, markdown, latex: one line per loss; csv, json: one per row.")
    ] = Format.table,
    out: Annotated[
        Path | None, typer.Option(help="Also write every format into this folder (into DIR/report where DIR has rows).")
    ] = None,
) -> None:
    """Show what the trained cells say: a table per data set, model, noise and rate."""
    from lsbench import store

    if out is not None and (out / "cells").is_dir():
        results, out = results or out, out / "report"
    results = results or Path("results")
    rows, warnings = store.read(results)
    for warning in warnings:
        say(f"skipped {warning}")
    if not rows:
        raise NothingToReportError(f"no rows below {results}; train some with: lsbench run --noise 0.2 --eps 0.1")
    if out is not None:
        write_all(rows, out)
    if format is Format.table and sys.stdout.isatty():
        show(rows)
    else:
        sys.stdout.write(render(rows, format))


def show(rows: list) -> None:
    """The report on a terminal, in colour unless NO_COLOR is set."""
    from rich.console import Console

    from lsbench import summary
    from lsbench.report import tables

    console, endless = Console(highlight=False), Console(width=10_000)
    for table in [tables.make_table(one) for one in summary.summarise(rows)]:
        drawn = tables.for_terminal(table)
        if endless.measure(drawn).maximum <= console.width:
            console.print(drawn, "")
        else:
            print(tables.plain_table(table) + "\n")  # wrapped lines can still be read, cut ones can't
    console.print("\n".join(tables.FOOTNOTES), style="dim")


def render(rows: list, format: Format) -> str:  # noqa: A002 - the option's name
    """The report as text."""
    from lsbench import summary
    from lsbench.report import tables
    from lsbench.report.text import plain_field

    if format is Format.csv:
        return summary.frame(rows).map(plain_field).to_csv(index=False)
    if format is Format.json:
        return json.dumps(summary.records(rows), indent=1) + "\n"
    made = [tables.make_table(one) for one in summary.summarise(rows)]
    if format is Format.markdown:
        return tables.markdown(made)
    return tables.latex(made) if format is Format.latex else tables.plain(made)


def write_all(rows: list, out: Path) -> None:
    """Every format, each in its file."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        for format, name in FILES.items():  # noqa: A001 - as above
            (out / name).write_text(render(rows, format), encoding="utf-8")
    except OSError as error:
        raise InputError(f"can't write into {out}: {error.strerror}; choose another --out") from error
    say(f"wrote {', '.join(FILES.values())} into {out}")
