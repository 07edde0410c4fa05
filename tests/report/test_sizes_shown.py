"""What stands above a table of how many examples there are, and what unbalanced classes add to it."""

from dataclasses import replace

import pytest

from lsbench.analysis.summary import sizes_of
from lsbench.report.assemble import build_page
from lsbench.report.build import Report, ReportOptions
from lsbench.report.layout import plain
from lsbench.report.sizes import classes_table, warning_lines
from tests.analysis.summary.handmade import rows_of

BALANCED, SKEWED = [300, 300], [588, 12]


def rows(test, classes=("cat", "dog"), right=0.98):
    data = {"classes": list(classes), "train": [2352, 48], "held_out": [100, 2], "test": test}
    own = {"balanced_accuracy": 0.51, "macro_f1": 0.43, "majority_recall": 1.0}
    return [
        replace(row, data=data, metrics={**row.metrics, **own})
        for loss in ("ce", "mae")
        for row in rows_of(loss, [right, right])
    ]


def table_of(found):
    return Report(found, [], ReportOptions()).tables[0]


def test_the_sizes_stand_above_the_table():
    above = table_of(rows(BALANCED)).above
    assert (
        above[0]
        == "examples: 2,400 trained on (48 to 2,352 of a class), 102 held out, 600 in the test set (300 of a class)"
    )
    assert f"\n{above[0]}\n" in plain([table_of(rows(BALANCED))])


def test_nothing_stands_above_a_table_of_rows_of_earlier_versions():
    assert table_of([replace(row, data={}) for row in rows(SKEWED)]).above == ()


def test_few_examples_and_the_majority_rate_are_warnings():
    always = "always answering the majority class (cat: 98.00 % of the test set)"
    assert table_of(rows(SKEWED)).above[1:] == (
        "warning: few test examples of class dog (12): fewer than 30",
        f"warning: not shown to be more accurate than {always}: ce, mae",
    )
    assert table_of(rows(SKEWED, right=0.9999)).above[-1] == "majority class of the test set: cat (98.00 %)"


def test_one_warning_of_several_losses_is_one_line_with_their_names():
    weak, other = "the first networks are weak", "blobs: few examples"
    told = warning_lines([f"prune: {weak}", other, f"forward: {weak}", "no colon"])
    assert told == (f"warning: prune, forward: {weak}", f"warning: {other}", "warning: no colon")


def test_balanced_accuracy_and_macro_f1_are_columns_where_classes_are_unbalanced():
    header, line = table_of(rows(SKEWED)).header, table_of(rows(SKEWED)).lines[0]
    shown = dict(zip(header, (entry.text for entry in line), strict=True))
    assert (shown["balanced accuracy %"], shown["macro F1 %"]) == ("51.00 ± 0.00", "43.00 ± 0.00")
    assert not {"balanced accuracy %", "macro F1 %"} & {*table_of(rows(BALANCED)).header}


def test_the_page_counts_every_class_of_every_part():
    page = build_page(Report(rows(SKEWED), [], ReportOptions()), ("main",), [])
    assert "examples of each class" in page
    assert "588" in page
    assert "few test examples of class dog" in page


@pytest.mark.parametrize("many", [3, 150])
def test_of_many_classes_the_smallest_are_listed(many):
    tested = [*range(200, 200 - many, -1)]
    data = {"classes": [f"c{i}" for i in range(many)], **dict.fromkeys(("train", "held_out", "test"), tested)}
    table = classes_table(sizes_of([replace(row, data=data) for row in rows(SKEWED)]), "published")
    assert len(table.lines) == min(many, 100)
    assert table.lines[0][0].text == ("c0" if many == 3 else "c149")
