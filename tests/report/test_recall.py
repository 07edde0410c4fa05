"""The recall of each class: as a table, a picture, columns of a CSV, in conditions; and what is not claimed by it."""

from dataclasses import replace

import pytest

from lsbench.analysis import condition
from lsbench.analysis.summary import records
from lsbench.report.build import Report, ReportOptions
from lsbench.report.figures import draw
from lsbench.report.pictures import prepare_all
from lsbench.report.pictures.recall import ClassRecall
from lsbench.report.tables import latex
from lsbench.rows.truth import with_truth
from tests.analysis.summary.handmade import rows_of

CAT, DOG, EEL = ([0.9, 0.9], [0.4, 0.6], [None, None])  # recall by seed


def rows(counts=(900, 90, 9), given=False, **changes):
    data = {"classes": ["cat", "dog", "eel"], "train": list(counts), "held_out": [10, 5, 1], "test": [60, 40, 0]}
    labels = {"train": "given", "test": "given"} if given else {}
    return [
        replace(
            row,
            data=data,
            labels=labels,
            recall={"test": [CAT[i] + shift, DOG[i] + shift, EEL[i]]},
            metrics={**row.metrics, "balanced_accuracy": (CAT[i] + DOG[i]) / 2 + shift},
            **changes,
        )
        for loss, shift in (("ce", 0.0), ("gce", 0.05))
        for i, row in enumerate(rows_of(loss, [0.8, 0.81], rate=0.0))
    ]


def table_of(found):
    (table,) = Report(found, [], ReportOptions(tables=("recall",))).tables
    return table


def test_a_line_of_the_table_is_a_class_with_its_examples_and_the_last_one_is_the_balanced_accuracy():
    table = table_of(rows())
    assert table.header == ("class", "trained on", "test set", "ce", "gce")
    assert [[entry.text for entry in line] for line in table.lines] == [
        ["cat", "900", "60", "90.0 ± 0.0", "95.0 ± 0.0"],
        ["dog", "90", "40", "50.0 ± 14.1", "55.0 ± 14.1"],
        ["eel", "9", "0", "–", "–"],
        ["mean (balanced accuracy)", "", "", "70.0 ± 7.1", "75.0 ± 7.1"],
    ]
    assert not any(entry.best for line in table.lines for entry in line)
    assert r"dog & 90 & 40 & 50.0 $\pm$ 14.1 & 55.0 $\pm$ 14.1 \\" in latex([table])


def test_against_given_labels_the_table_and_the_picture_say_so_and_claim_nothing():
    table = table_of(rows(given=True))
    assert table.title.startswith("recall of each class against given labels: ")
    assert any("which class has the wrong ones" in text for text in table.footnotes)
    (picture,) = (one for one in prepare_all(rows(given=True)) if isinstance(one.data, ClassRecall))
    assert "by its given label, which may be wrong; no order of the losses is decided by it" in picture.caption
    assert "against given labels" in draw(picture).axes[0].get_ylabel()


def test_the_picture_orders_the_classes_by_their_training_examples():
    (picture,) = (one for one in prepare_all(rows(counts=(90, 900, 9))) if isinstance(one.data, ClassRecall))
    assert (picture.data.classes, picture.data.examples) == (("dog", "cat", "eel"), (900, 90, 9))
    assert picture.data.lines[0].mean == pytest.approx((0.5, 0.9))
    assert draw(picture, narrow=True).axes[0].get_xticklabels()[0].get_text() == "dog (900)"


def test_there_is_no_picture_of_balanced_classes_or_of_rows_that_keep_no_recall():
    balanced = [replace(row, data={**row.data, "test": [50, 50, 50]}) for row in rows(counts=(300, 310, 320))]
    earlier = [replace(row, recall={}) for row in rows()]
    for found in (balanced, earlier):
        assert not [one for one in prepare_all(found) if isinstance(one.data, ClassRecall)]
    assert "no row here keeps the recall" in table_of(earlier).notes[0]
    assert not table_of(earlier).lines


def test_each_class_has_a_column_in_a_wide_csv_and_can_be_in_a_condition():
    first = records(rows(), wide=True)[0]
    assert (first["recall.cat"], first["recall.dog"], first["recall.eel"]) == (0.9, 0.4, None)
    assert not [name for name in records(rows())[0] if name.startswith("recall")]
    (outcome,) = condition.check(condition.parse("recall.dog(gce) > recall.dog(ce) + 4"), rows())
    assert outcome.holds
    assert (outcome.left, outcome.right) == (pytest.approx(55.0), pytest.approx(54.0))


def test_by_the_true_test_labels_a_row_has_the_recall_that_it_keeps_of_them():
    row = rows()[0]
    cell = replace(row.cell, test_noise="symmetric", test_noise_rate=0.2)
    made_wrong = replace(row, cell=cell, recall={"test": [0.1, 0.2, 0.3], "true_test": [0.8, 0.7, None]})
    (told,) = with_truth([made_wrong])
    assert told.recall == {"test": [0.8, 0.7, None]}


def test_balanced_is_short_for_balanced_accuracy_and_on_given_labels_it_decides_nothing(lsbench, tmp_path):
    from lsbench.rows import store

    for name, given in (("right", False), ("given", True)):
        for row in rows(given=given):
            store.write(row, tmp_path / name)
        short, long = (lsbench("decide", name, "--by", by)[1] for by in ("balanced", "balanced-accuracy"))
        assert short == long
    assert "by balanced-accuracy, against given labels" in short
    assert "take" not in short.partition(":")[2].partition(".")[0]
