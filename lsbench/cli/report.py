"""`lsbench report`: what the stored rows say, as tables, a page, or conditions for CI."""

import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lsbench.analysis.criteria import full_name
from lsbench.cli.conditions import Conditions
from lsbench.cli.say import say
from lsbench.cli.show import Columns, chosen, draw
from lsbench.cli.trust import Trust, say_what_stays_given, trusted_parts
from lsbench.cli.verified import Verifieds
from lsbench.cli.verified import read as read_verified
from lsbench.errors import InputError, NothingToReportError, require_whole
from lsbench.names.encoding import command_line
from lsbench.planning.lists import names
from lsbench.report.formats import FILES, PAGE, TABLES, TEXTS, Format
from lsbench.rows.row import Row

if TYPE_CHECKING:  # numpy, which --help does without
    from lsbench.report.build import Report
    from lsbench.report.tables import Table

RESULTS = Path("results")  # where nothing else is said
TABLE_HELP = f"Which tables: {', '.join(TABLES)}, or all."
SELECT_HELP = "Pick per loss and seed on held-out labels, and compare the picks: lr,eps,q."
SURVIVORS_HELP = (
    "Compare losses that failed or diverged at some seeds by the others, which may be those at which they did well."
)
FAIL_HELP = "Exit with 5 if this holds anywhere: accuracy(fused,0.1) < accuracy(ce) - 0.5, or: regression."


def report(
    results: Annotated[Path | None, typer.Argument(help="The folder that `run` wrote.", show_default="results")] = None,
    format: Annotated[  # noqa: A002 - the option's name
        Format, typer.Option(help="table, markdown, latex: one line per loss; csv, json: one per row; html: a page.")
    ] = Format.table,
    out: Annotated[
        Path | None,
        typer.Option(help="Write every format, the page and the pictures (into DIR/report if DIR has rows)."),
    ] = None,
    tables: Annotated[list[str] | None, typer.Option(help=TABLE_HELP, show_default="main")] = None,
    select: Annotated[list[str] | None, typer.Option(help=SELECT_HELP, show_default="nothing")] = None,
    by: Annotated[str | None, typer.Option(help="With --select: what picks.", show_default="accuracy")] = None,
    multiverse: Annotated[
        bool, typer.Option("--multiverse", help="How the ranking depends on the rule that picks the epoch.")
    ] = False,
    last_k: Annotated[int, typer.Option(help="Epochs that `mean of last` averages.")] = 5,
    show_dishonest: Annotated[
        bool, typer.Option("--show-dishonest", help="Also show the best epoch on the test set, as some papers do.")
    ] = False,
    wide: Annotated[bool, typer.Option("--wide", help="csv, json: every number of every row.")] = False,
    columns: Columns = None,
    fail_if: Annotated[list[str] | None, typer.Option(help=FAIL_HELP, show_default=False)] = None,
    baseline: Annotated[Path | None, typer.Option(help="An older results folder to compare with.")] = None,
    survivors: Annotated[bool, typer.Option("--survivors", help=SURVIVORS_HELP)] = False,
    trust: Trust = None,
    verified: Verifieds = None,
) -> None:
    """Show what the trained cells say: a table per data set, model, noise and rate.

    On a terminal, columns that do not fit stand below the others; a pipe gets lines of full width.
    """
    seldom_look_for_garbage()
    from lsbench.analysis import sequential
    from lsbench.report.build import Report, ReportOptions

    conditions = Conditions(fail_if or (), baseline, show_dishonest=show_dishonest, survivors=survivors)
    selected = names("--select", select) if select else ()
    wanted = table_names(tables, selected, multiverse=multiverse)
    require_sensible(format, last_k, by=by, select=select, columns=columns, verified=verified, out=out)
    results, out = folders(results, out)
    trusted = trusted_parts(trust)
    rows = stored(results)
    say_what_stays_given(trusted, rows)
    rows, older = told(rows, trusted), told(stored(baseline), trusted) if baseline else []
    options = ReportOptions(
        tables=wanted,
        last_k=last_k,
        show_dishonest=show_dishonest,
        wide=wide,
        command=command_line(["lsbench", *sys.argv[1:]]),
        adaptive=tuple(sequential.read(results)),
        folder=results,
        select=selected,
        by=full_name(by or "accuracy"),
        survivors=survivors,
        verified=read_verified(verified, results, rows),
    )
    made = Report(rows, older, options)
    shown = chosen(made.tables, columns)
    if out is not None:
        write(made, out)
    show(made, shown, format, written=out is not None)
    conditions.require_none(rows, older)


def require_sensible(
    form: Format,
    last_k: int,
    *,
    by: str | None,
    select: list[str] | None,
    columns: Columns,
    verified: Verifieds,
    out: Path | None,
) -> None:
    """`InputError` for options that make no sense, or not together; no row is read before."""
    if by is not None and not select:
        raise InputError("--by belongs to --select; `lsbench decide --by` decides by another criterion")
    require_whole("--last-k", last_k, 1, 10**6)
    if columns and form not in TEXTS:
        raise InputError(f"--columns is for --format {', '.join(TEXTS)}; {form} always has all of them")
    if verified and form not in (*TEXTS, Format.html) and out is None:
        raise InputError(f"--verified is for tables and the page, {form} has rows; for numbers: lsbench decide --json")


def folders(results: Path | None, out: Path | None) -> tuple[Path, Path | None]:
    """Where the rows are, and where the report goes: below them where --out names their folder."""
    if out is not None and (out / "cells").is_dir():
        results, out = results or out, out / "report"
    results = results or RESULTS
    if out is not None and (results / "cells").resolve() in [out.resolve(), *out.resolve().parents]:
        raise InputError(f"--out {out} lies among the rows of {results}; choose another folder")
    return results, out


def seldom_look_for_garbage() -> None:
    """To import modules and to count rows makes many objects, and hardly any garbage: a tenth of a second less."""
    import gc

    gc.set_threshold(100_000)


def stored(results: Path) -> list[Row]:
    """The rows of a folder that holds some; what can't be read is named."""
    import gc

    from lsbench.rows import store

    gc.disable()  # 10,000 rows are millions of objects, none of them garbage: looking for some takes half a second
    rows, warnings = store.read(results)
    kept: list[object] = [rows]
    kept.append(kept)  # a circle is never freed: at the end that would take another 0.15 s
    gc.freeze()
    gc.enable()
    for warning in warnings:
        say(f"skipped {warning}")
    if not rows:
        raise NothingToReportError(_nothing_in(results))
    return rows


def _nothing_in(results: Path) -> str:
    """That a folder has no rows, or is none, and what to do."""
    if results == RESULTS:
        return f"no rows below {results}; train some with: lsbench run --noise 0.2 --eps 0.1"
    if results.is_dir():
        return f"no rows below {results}; rows are written there by: lsbench run --out {results}"
    beside = [path.name for path in results.parent.glob("*") if (path / "cells").is_dir()]
    near = get_close_matches(results.name, beside, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"it is looked for from the current folder, {Path.cwd()}"
    return f"no folder {results}; {hint}"


def told(rows: Sequence[Row], trusted: Sequence[str]) -> list[Row]:
    """The rows as they are shown. Named are arms that are not, as nobody has the noise matrix of given labels."""
    from lsbench.rows.status import as_told

    shown = as_told(rows, trusted)
    kept = {row.id for row in shown}
    if left_out := {row.cell.arm.name for row in rows if row.id not in kept}:
        say(f"left out: {', '.join(sorted(left_out))}, as nobody knows the noise matrix of labels as given")
    return shown


def table_names(asked: Sequence[str] | None, select: Sequence[str], *, multiverse: bool) -> tuple[str, ...]:
    """The tables to show, in the order of `TABLES`."""
    from lsbench.names.registry import lookup

    typed = set(names("--tables", asked)) if asked else ({"main"} if not (select or multiverse) else set())
    for name in typed - {"all"}:
        lookup(dict.fromkeys(TABLES), "table", name)
    if "all" in typed:
        return TABLES
    chosen_by_flags = ({"eps"} if "eps" in select else set()) | ({"multiverse"} if multiverse else set())
    return tuple(name for name in TABLES if name in typed | chosen_by_flags)


def show(report: "Report", shown: "Sequence[Table]", form: Format, *, written: bool) -> None:
    """The report on standard output: drawn on a terminal, text of full width when piped."""
    from lsbench.report.write import render

    if form is Format.html and written:
        return
    if form is Format.table and sys.stdout.isatty():
        draw(shown)
        return
    sys.stdout.write(render(report, shown, form))
    if form is Format.html:
        say_skipped(report)


def write(report: "Report", out: Path) -> None:
    """Write all files, and say which."""
    from lsbench.report.write import write_all

    pictures = write_all(report, out)
    say_skipped(report)
    say(f"wrote {', '.join([*FILES.values(), PAGE])} and {pictures} pictures into {out}")


def say_skipped(report: "Report") -> None:
    """Name what the page's verdict could not read."""
    for warning in dict.fromkeys(warning for verdict in report.verdicts for warning in verdict.warnings):
        say(f"skipped {warning}")
