from dataclasses import replace

import pytest

from lsbench.errors import InputError
from lsbench.rows import store
from lsbench.rows.row import Row
from lsbench.rows.status import as_unknown, labels_of, only_known, status_of, trust
from lsbench.spec import Cell

MATRIX = [[0.8, 0.2], [0.2, 0.8]]
NUMBERS = {
    "accuracy": 0.5,
    "ece": 0.1,
    "val_accuracy": 0.4,
    "val_clean_accuracy": 0.6,
    "train_accuracy_clean": 0.7,
    "train_accuracy_wrong": 0.3,
}


def a_row(dataset="./photos", loss="ce", rate=0.0, labels=None, **changes):
    noise = ("symmetric", rate) if rate else ("none", 0.0)
    cell = Cell(
        dataset=dataset, fingerprint="f", model="linear", loss=loss, noise=noise[0], noise_rate=noise[1], **changes
    )
    record = {"kind": noise[0], "rate": rate, "realised": rate, "matrix": MATRIX, "seed": 0, "sha256": "ab"}
    scaled = {way: {"temperature": 1.0, "status": "ok", "metrics": {}, "bins": {}} for way in ("noisy", "oracle")}
    curves = {name: [value] for name, value in NUMBERS.items()}
    return Row(
        cell=cell,
        status="ok",
        metrics=NUMBERS,
        curves=curves,
        noise_record=record,
        scaled=scaled,
        labels=labels or {},
    )


def statuses(row):
    return [status_of(row, part) for part in ("train", "test")]


def test_labels_of_the_catalogue_are_published_and_all_others_are_given():
    assert statuses(a_row("mnist")) == ["published", "published"]
    for own in ("./photos", "mine.npz", "pkg.data:make", "./table.csv", "python:make", "~/mnist"):
        assert statuses(a_row(own)) == ["given", "given"], own


def test_test_labels_that_were_made_wrong_are_given_whatever_the_data_set_and_whoever_trusts_them():
    made_wrong = a_row("mnist", test_noise="symmetric", test_noise_rate=0.1)
    assert statuses(made_wrong) == ["published", "given"]
    assert statuses(trust([made_wrong], ["test"])[0]) == ["published", "given"]


def test_trust_changes_given_labels_only_and_no_id():
    (own,) = trust([a_row()], ["test"])
    assert statuses(own) == ["given", "trusted"]
    assert own.id == a_row().id
    assert statuses(trust([a_row()], ["train", "test"])[0]) == ["trusted", "trusted"]
    assert statuses(trust([a_row("mnist")], ["train", "test"])[0]) == ["published", "published"]
    assert labels_of(a_row().cell, ["test"]) == {"train": "given", "test": "trusted"}
    with pytest.raises(InputError, match="trust must be one of train, test; got 'val'"):
        trust([a_row()], ["val"])


def test_of_given_training_labels_nothing_is_told_that_only_the_right_ones_would_tell():
    told = only_known(a_row())
    assert told.noise_record == {}
    assert list(told.metrics) == list(told.curves) == ["accuracy", "ece", "val_accuracy", "train_accuracy"]
    assert list(told.scaled) == ["noisy"]
    assert only_known(told) == told


def test_of_noise_on_top_of_given_labels_the_share_of_changed_labels_is_kept():
    told = only_known(a_row(rate=0.2))
    assert told.noise_record["realised"] is None
    assert told.noise_record["changed"] == 0.2
    assert "matrix" not in told.noise_record
    assert told.metrics["train_accuracy_changed"] == 0.3
    assert only_known(told) == told


def test_test_labels_made_wrong_on_top_of_given_ones_are_not_measured_against_these_as_if_they_were_right():
    record = {"kind": "symmetric", "rate": 0.1, "realised": 0.1, "matrix": MATRIX, "seed": 0, "sha256": "ab"}
    row = replace(
        a_row(test_noise="symmetric", test_noise_rate=0.1),
        metrics={**NUMBERS, "true_accuracy": 0.6},
        test_noise_record=record,
    )
    told = only_known(row)
    assert "true_accuracy" not in told.metrics
    assert told.test_noise_record["realised"] is None
    assert told.test_noise_record["changed"] == 0.1
    assert only_known(told) == told


def test_labels_that_are_trusted_afterwards_give_back_what_follows_from_them_being_right():
    measured = a_row()
    right = {**NUMBERS, "val_clean_accuracy": NUMBERS["val_accuracy"], "train_accuracy_wrong": None}
    (trusted,) = trust([only_known(measured)], ["train"])
    assert trusted.metrics == right
    assert trusted.curves.keys() == measured.curves.keys()
    assert trusted.noise_record["realised"] == 0
    assert trusted.scaled["oracle"] == measured.scaled["noisy"]
    (added,) = trust([only_known(a_row(rate=0.2))], ["train"])
    assert "val_clean_accuracy" not in added.metrics


def test_of_published_and_trusted_training_labels_everything_is_told():
    for row in (a_row("mnist", rate=0.2), trust([a_row(rate=0.2)], ["train"])[0]):
        assert only_known(row) is row


def test_rows_whose_noise_is_taken_for_unknown_tell_what_rows_of_own_data_tell():
    published = [a_row("mnist", loss, rate=0.2) for loss in ("ce", "forward", "backward", "gce")]
    unknown, own = as_unknown(published), only_known(a_row())
    assert [row.cell.loss for row in unknown] == ["ce", "gce"]
    for row in unknown:
        assert statuses(row) == ["given", "published"]
        assert row.noise_record == own.noise_record
        assert {*row.metrics} < {*own.metrics}
        assert row.scaled.keys() == own.scaled.keys()
    added = [only_known(a_row(rate=0.2))]
    assert {*as_unknown(added)[0].metrics} == {*unknown[0].metrics}


def test_rows_of_own_data_that_do_not_say_their_status_are_read_as_given(tmp_path):
    old = replace(a_row(), labels={})
    store.write(old, tmp_path)
    (read,), warnings = store.read(tmp_path)
    assert warnings == []
    assert read == only_known(old)
