"""Whose held-out predictions are pooled, and what is said where there are none."""

from dataclasses import replace

import numpy as np
import pytest

from lsbench.analysis.decide import decide
from lsbench.analysis.held_out import best_pool, held_out_of
from lsbench.analysis.summary import arms_of
from lsbench.errors import InputError
from lsbench.noise.pooled import PooledNoise, Refused
from lsbench.rows.predictions import HeldOutPredictions, pack_predictions
from lsbench.rows.store import predictions_path, write
from tests.analysis.summary.handmade import a_row

N, CLASSES, FOLDS = 600, 3, 3
DRAWS = np.random.default_rng(0)
TRUE = DRAWS.integers(0, CLASSES, N)
GIVEN = np.where(DRAWS.random(N) < 0.2, (TRUE + 1) % CLASSES, TRUE)


def predicted(seed, right):
    """The predictions of a training that holds out fold `seed` and knows the true class of that share of examples."""
    draws = np.random.default_rng(seed)
    numbers = np.arange(N)[np.arange(N) % FOLDS == seed]
    likeliest = np.where(draws.random(len(numbers)) < right, TRUE[numbers], (TRUE[numbers] + 2) % CLASSES)
    probs = np.where(np.eye(CLASSES)[likeliest] > 0, 0.8, 0.1)
    return HeldOutPredictions(numbers, GIVEN[numbers], np.log(probs), np.log(probs[:5]))


def stored(folder, loss, right, eps=None, seeds=range(FOLDS)):
    rows = [a_row(loss, seed, eps=eps, rate=0.0, val_accuracy=0.8) for seed in seeds]
    for row in rows:
        write(replace(row, predictions=pack_predictions(predicted(row.cell.seed, right))), folder)
    return rows


def test_folds_are_pooled_of_the_arms_that_predict_given_labels_best(tmp_path):
    rows = [*stored(tmp_path, "ce", 0.7), *stored(tmp_path, "gce", 0.99), *stored(tmp_path, "mae", 0.985)]
    told = held_out_of(arms_of(rows), tmp_path)
    assert isinstance(told, PooledNoise)
    assert (told.arms, told.trainings, told.count) == (("mae", "gce"), 2 * FOLDS, N)
    assert told.contradicted == pytest.approx(float((GIVEN != TRUE).mean()), abs=0.02)


def test_neither_the_test_set_nor_the_name_of_a_loss_decides_whose_they_are(tmp_path):
    rows = [*stored(tmp_path, "ce", 0.7), *stored(tmp_path, "gce", 0.99)]
    best_on_test = [replace(row, metrics={**row.metrics, "accuracy": 1.0 * (row.cell.loss == "ce")}) for row in rows]
    assert held_out_of(arms_of(best_on_test), tmp_path).arms == ("gce",)


def test_arms_that_are_handed_the_true_noise_and_arms_of_fewer_seeds_are_left_out(tmp_path):
    rows = [*stored(tmp_path, "ce", 0.8), *stored(tmp_path, "forward", 0.99), *stored(tmp_path, "gce", 0.99, seeds=[0])]
    assert {row.cell.arm.is_oracle for row in rows if row.cell.loss == "forward"} == {True}
    assert best_pool(arms_of(rows), tmp_path).arms == ("ce",)


def test_without_predictions_the_rows_say_it_one_by_one(tmp_path):
    matrix = [[0.8, 0.2], [0.1, 0.9]]
    rows = [
        a_row(loss, seed, rate=0.0, val_accuracy=right, parts={"noise_estimate": estimate})
        for loss, right in (("ce", 0.7), ("gce", 0.8))
        for seed in range(2)
        for estimate in [{"rate": right / 5 + seed / 50, "matrix": matrix, "count": 400}]
    ]
    told = held_out_of(arms_of(rows), tmp_path)
    assert (told.arms, told.trainings, told.count, told.is_pooled) == (("gce",), 2, 400, False)
    assert told.contradicted == pytest.approx(0.17)
    assert told.low < 0.17 < 0.2 < told.high
    assert told == held_out_of(arms_of(rows), None)
    weak = [replace(row, metrics={**row.metrics, "val_accuracy": 0.2}) for row in rows]
    assert isinstance(held_out_of(arms_of(weak), None), Refused)


def test_rows_that_held_out_nothing_tell_nothing():
    assert held_out_of(arms_of([a_row("ce"), a_row("mae")]), None) is None


def test_an_unreadable_file_is_told_and_costs_the_verdict_nothing(tmp_path):
    rows = [*stored(tmp_path, "ce", 0.9), *stored(tmp_path, "gce", 0.99)]
    path = predictions_path(rows[0].id, tmp_path)
    path.write_bytes(b"no npz")
    with pytest.raises(InputError, match="not the predictions"):
        held_out_of(arms_of(rows), tmp_path)
    (verdict,) = decide(rows, results=tmp_path)
    assert verdict.held_out is None
    assert str(path) in verdict.warnings[0]
