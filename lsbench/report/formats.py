"""The formats and tables of a report, by name. Reading this imports nothing that takes time."""

from enum import StrEnum


class Format(StrEnum):
    """How a report is written."""

    table = "table"
    markdown = "markdown"
    csv = "csv"
    latex = "latex"
    json = "json"
    html = "html"


FILES = {
    Format.table: "report.txt",
    Format.markdown: "report.md",
    Format.csv: "rows.csv",
    Format.latex: "report.tex",
    Format.json: "rows.json",
}
PAGE = "index.html"
TEXTS = (Format.table, Format.markdown, Format.latex)  # formats of tables
TABLES = ("main", "selection", "calibration", "recall", "eps", "multiverse")
