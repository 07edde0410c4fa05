"""A report as text in one format, or as files in all of them."""

from collections.abc import Sequence
from pathlib import Path

from lsbench.analysis import summary
from lsbench.errors import InputError
from lsbench.names.encoding import json_text
from lsbench.report import layout, tables
from lsbench.report.build import Report
from lsbench.report.formats import FILES, PAGE, TABLES, Format
from lsbench.report.tables import Table
from lsbench.report.text import plain_field

WRITERS = {Format.markdown: tables.markdown, Format.latex: tables.latex, Format.table: layout.plain}


def render(report: Report, shown: Sequence[Table], form: Format) -> str:
    """The report as text; `shown` are the tables where the format has tables."""
    rows, wide = report.rows, report.options.wide
    if form is Format.csv:
        return summary.frame(rows, wide=wide).map(plain_field).to_csv(index=False)
    if form is Format.json:
        return json_text(summary.records(rows, wide=wide)) + "\n"
    if form is Format.html:
        from lsbench.report.assemble import build_page, pictures_of  # matplotlib, which only a page needs

        return build_page(report, report.options.tables, pictures_of(report))
    return WRITERS[form](shown)


def write_all(report: Report, out: Path) -> int:
    """Every format with all columns, each in its file; the page, with all tables; the pictures, which are counted."""
    from lsbench.report.assemble import build_page, pictures_of, save_all

    pictures = pictures_of(report)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for form, name in FILES.items():
            (out / name).write_text(render(report, report.tables, form), encoding="utf-8")
        (out / PAGE).write_text(build_page(report, TABLES, pictures), encoding="utf-8")
        save_all(pictures, out / "figures")
    except OSError as error:
        raise InputError(f"can't write into {out}: {error.strerror}; choose another --out") from error
    return len(pictures)
