import re

import pytest

from lsbench.cli.report import draw
from lsbench.report import tables
from lsbench.report.build import Asked, build_tables
from lsbench.report.tables import Entry, Table
from lsbench.spec import Cell
from lsbench.store import Row

TABLE = Table(
    title="digits & co, 50 % noise",
    header=("loss", "accuracy %"),
    lines=((Entry("ce"), Entry("90.00 ± 1.00")), (Entry("x|y_z"), Entry("95.00 ± 0.10", best=True))),
    notes=("failed: lsr: `rm -rf`",),
)


def test_plain_text_is_aligned_of_full_width_and_marks_the_best():
    title, rule, head, _, *lines, note = tables.plain([TABLE]).split("\n\n")[0].splitlines()
    assert title == TABLE.title
    assert note == TABLE.notes[0]
    assert lines[1].endswith("95.00 ± 0.10 *")
    assert len(rule) == max(map(len, [head, *lines]))
    assert "…" not in tables.plain([TABLE])


def test_markdown_is_a_table_with_the_best_in_bold_and_pipes_escaped():
    text = tables.markdown([TABLE])
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 4
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 3 for row in rows)
    assert "**95.00 ± 0.10**" in text
    assert r"x\|y\_z" in text


def test_latex_uses_booktabs_and_escapes_what_tex_would_eat():
    text = tables.latex([TABLE])
    assert all(rule in text for rule in (r"\toprule", r"\midrule", r"\bottomrule"))
    assert r"\textbf{95.00 $\pm$ 0.10}" in text
    assert r"digits \& co, 50 \% noise" in text
    assert r"x$|$y\_z" in text
    assert "±" not in text.split("% mean")[0]


@pytest.mark.parametrize("text", ["", "\x1b[31m", "[bold]", "<script>"])
def test_text_from_rows_is_data_not_markup(text):
    table = Table("t", ("a",), ((Entry(text),),), ())
    assert "<script>" not in tables.markdown([table])
    tables.for_terminal(table)


@pytest.mark.parametrize(("columns", "boxed"), [("80", False), ("400", True)])
def test_a_terminal_too_narrow_for_the_table_gets_whole_lines_not_cut_ones(
    tmp_path, monkeypatch, capsys, columns, boxed
):
    cell = Cell(dataset="blobs", fingerprint="f", model="mlp", loss="ce")
    monkeypatch.setenv("COLUMNS", columns)
    draw(build_tables([Row(cell=cell, status="ok", metrics={"accuracy": 0.5, "ece": 0.1}, seconds=1.0)], [], Asked()))
    out = capsys.readouterr().out
    assert "Δ accuracy vs ce [95 %]" in out
    assert "…" not in out
    assert ("┃" in out) is boxed
