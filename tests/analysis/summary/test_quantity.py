from dataclasses import replace

import pytest

from lsbench.analysis.summary import value_of
from lsbench.analysis.summary.quantity import needs_truth, require_name
from lsbench.analysis.summary.records import COLUMNS, WIDE, frame, records
from lsbench.errors import InputError
from tests.analysis.summary.handmade import a_row
from tests.in_turn import in_turn

NOISY = [[0.6 if i == j else 0.4 / 9 for j in range(10)] for i in range(10)]
IDENTITY = [[float(i == j) for j in range(10)] for i in range(10)]
AFTER = {"temperature": 1.5, "status": "ok", "metrics": {"ece": 0.02, "nll": None}, "bins": {}}


def test_a_plain_name_is_a_metric_of_the_last_epoch():
    assert value_of(a_row(val_nll=2.0), "val_nll") == 2.0
    assert value_of(a_row(), "no-such-number") is None


def test_confidence_is_accuracy_less_the_signed_error():
    assert value_of(a_row(accuracy=0.9, signed_error=0.2), "confidence") == pytest.approx(0.7)
    assert value_of(a_row(), "confidence") is None


def test_a_number_after_temperature_scaling_is_had_by_the_way_of_fitting_it():
    row = a_row(parts={"scaled": {"known": AFTER}})
    assert value_of(row, "known.ece") == 0.02
    assert value_of(row, "known.temperature") == 1.5
    assert value_of(row, "known.nll") is None
    assert value_of(row, "noisy.ece") is None


def test_the_old_name_of_a_temperature_is_that_temperature():
    row = a_row(parts={"scaled": {"known": AFTER}})
    assert value_of(row, "forward.ece") == value_of(row, "known.ece")
    require_name("forward.ece")
    assert (needs_truth("forward.ece"), needs_truth("estimated.ece")) == (True, False)


def test_a_rule_reads_the_curves():
    row = a_row(parts={"curves": {"accuracy": [0.8, 0.7], "val_accuracy": [0.6, 0.5]}})
    assert value_of(row, "val-accuracy.accuracy") == 0.8
    assert value_of(row, "last.accuracy") == 0.7
    assert value_of(row, "mean-last:1.accuracy") == 0.7


def test_the_optimum_of_smoothing_on_clean_labels_is_under_confident_by_nine_hundredths():
    row = a_row("lsr", accuracy=0.98, eps=0.1, parts={"noise_record": {"realised": 0.0, "matrix": IDENTITY}})
    assert value_of(row, "separable.ece") == pytest.approx(0.09)
    assert value_of(row, "separable.confidence") == pytest.approx(0.91)
    assert value_of(row, "optimum.ece") == value_of(row, "separable.ece")  # as it was called


@in_turn(("accuracy", "shown"), [(0.98, True), (0.911, True), (0.909, False), (0.819, False)])
def test_separable_classes_are_not_assumed_where_the_accuracy_is_far_from_theirs(accuracy, shown):
    row = a_row(accuracy=accuracy, parts={"noise_record": {"realised": 0.4, "matrix": NOISY}})
    assert (value_of(row, "separable.ece") is not None) is shown


def test_nothing_is_assumed_of_data_whose_noise_is_not_known():
    row = a_row(accuracy=0.98, parts={"noise_record": {"realised": 0.0, "matrix": IDENTITY}})
    own = replace(row, cell=replace(row.cell, dataset="./photos"))
    assert (value_of(row, "separable.ece"), value_of(own, "separable.ece")) == (0, None)


def test_separable_classes_count_as_often_as_they_are_tested():
    """Of class 0 40 % of the labels are wrong, of class 1 none are."""
    noise_record = {"realised": 0.2, "matrix": [[0.6, 0.4], [0.0, 1.0]]}
    tested = {"classes": [], "train": [1, 1], "held_out": [1, 1], "test": [30, 10]}
    plain, told = (a_row(accuracy=0.99, parts={"noise_record": noise_record, "data": of}) for of in ({}, tested))
    assert value_of(plain, "separable.ece") == pytest.approx(0.4 / 2)
    assert value_of(told, "separable.ece") == pytest.approx(0.4 * 3 / 4)


@in_turn("matrix", [None, [], [[1.0]], [[0.5, 0.4], [0, 1]], "text", [["a", "b"], ["c", "d"]]])
def test_no_optimum_is_made_up_where_the_noise_record_holds_no_matrix(matrix):
    row = a_row("lsr", accuracy=0.98, eps=0.1, parts={"noise_record": {"realised": 0.0, "matrix": matrix}})
    assert value_of(row, "separable.ece") is None or matrix == [[1.0]]


def test_an_unknown_place_is_an_error_that_names_the_known_ones():
    with pytest.raises(InputError, match="noisy, estimated, known, oracle"):
        value_of(a_row(), "forwards.ece")


def test_wide_records_hold_every_column_and_the_narrow_ones_do_not():
    row = a_row(parts={"scaled": {"known": AFTER}})
    (wide,), (narrow,) = records([row], wide=True), records([row])
    assert tuple(wide) == (*COLUMNS, *WIDE)
    assert tuple(narrow) == COLUMNS
    assert wide["known.ece"] == 0.02
    assert list(frame([], wide=True).columns) == [*COLUMNS, *WIDE]
