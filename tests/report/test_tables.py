import re
from dataclasses import replace

import pytest

from lsbench.report import layout, tables
from lsbench.report.tables import Entry, Table

TABLE = Table(
    title="digits & co, 50 % noise",
    header=("loss", "accuracy %"),
    lines=((Entry("ce"), Entry("90.00 ± 1.00")), (Entry("x|y_z"), Entry("95.00 ± 0.10", best=True))),
    notes=("failed: lsr: `rm -rf`",),
)


def test_plain_text_is_aligned_of_full_width_and_marks_the_best():
    title, rule, head, _, *lines, note = layout.plain([TABLE]).split("\n\n")[0].splitlines()
    assert title == TABLE.title
    assert note == TABLE.notes[0]
    assert lines[1].endswith("95.00 ± 0.10 *")
    assert len(rule) == max(map(len, [head, *lines]))
    assert "…" not in layout.plain([TABLE])


def test_markdown_is_a_table_with_the_best_in_bold_and_pipes_escaped():
    text = tables.markdown([TABLE])
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 4
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 3 for row in rows)
    assert "**95.00 ± 0.10**" in text
    assert r"x\|y\_z" in text


def test_what_must_be_known_first_stands_above_the_numbers_in_every_format():
    table = replace(TABLE, above=("test set: 12 examples",))
    for text in (layout.plain([table]), tables.markdown([table])):
        assert text.index(table.title.split(",")[0]) < text.index("12 examples") < text.index("accuracy")
    assert "% test set: 12 examples" in tables.latex([table])


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
    layout.fitted(table, 60)
