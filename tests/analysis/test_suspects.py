"""Which given labels are suspicious, by predictions of networks that have not seen the example."""

from dataclasses import replace

import numpy as np
import pytest

from lsbench.analysis.suspects import suspects_of
from lsbench.analysis.suspects.planted import recall_at
from lsbench.analysis.suspects.ranking import margin_of, rank, suspicion_of
from lsbench.data.alike.disagreeing import disagreeing
from lsbench.data.splits import Splits
from lsbench.rows.examples import ExamplePredictions, pack_examples
from lsbench.rows.predictions import HeldOutPredictions, pack_predictions
from lsbench.rows.store import write
from tests.analysis.summary.handmade import a_row

N, CLASSES, FOLDS, TESTED = 300, 3, 3, 40
DRAWS = np.random.default_rng(0)
TRUE = DRAWS.integers(0, CLASSES, N)
GIVEN = np.where(DRAWS.random(N) < 0.1, (TRUE + 1) % CLASSES, TRUE)
FLIPPED = np.where(DRAWS.random(N) < 0.2, (GIVEN + 2) % CLASSES, GIVEN)
TEST_TRUE = DRAWS.integers(0, CLASSES, TESTED)
TEST_GIVEN = TEST_TRUE.copy()
TEST_GIVEN[7] = (TEST_TRUE[7] + 1) % CLASSES


def sure(classes, p=0.9):
    return np.log(np.where(np.eye(CLASSES)[classes] > 0, p, (1 - p) / (CLASSES - 1)))


def stored(folder, loss, right=1.0, given=GIVEN, rate=0.0):
    """Rows whose networks know the true class of that share of the examples."""
    rows = []
    for seed in range(FOLDS):
        numbers = np.arange(N)[np.arange(N) % FOLDS == seed]
        likeliest = np.where(np.random.default_rng(seed).random(len(numbers)) < right, TRUE[numbers], 0)
        test = sure(TEST_TRUE)
        kept = HeldOutPredictions(numbers, given[numbers], sure(likeliest), test)
        of_given = test[np.arange(TESTED), TEST_GIVEN]
        at_test = ExamplePredictions(TEST_GIVEN, test.argmax(-1), of_given, np.exp(test.max(-1)))
        counts = {part: [1] * CLASSES for part in ("train", "held_out", "test")}
        row = a_row(loss, seed, rate=rate, parts={"data": {"classes": ["cat", "dog", "owl"], **counts}})
        rows.append(replace(row, predictions=pack_predictions(kept), examples=pack_examples(at_test)))
        write(rows[-1], folder)
    return rows


def test_scores_are_self_confidence_and_normalized_margin():
    probs = DRAWS.dirichlet(np.ones(4), 50)
    given = DRAWS.integers(0, 4, 50)
    others = [max(p for k, p in enumerate(line) if k != label) for line, label in zip(probs, given, strict=True)]
    of_given = probs[np.arange(50), given]
    assert suspicion_of(probs, given) == pytest.approx(1 - of_given)
    assert margin_of(probs, given) == pytest.approx(of_given - np.array(others))


def test_a_ranking_begins_with_the_most_suspicious_and_equal_ones_keep_the_data_sets_order():
    probs = np.array([[0.8, 0.2], [0.1, 0.9], [0.1, 0.9], [0.5, 0.5]])
    ranking = rank("train", np.array([9, 5, 3, 1]), np.zeros(4, int), probs, np.zeros(4), np.ones(4, int))
    assert ranking.numbers.tolist() == [3, 5, 1, 9]
    assert ranking.suggested.tolist() == [1, 1, 0, 0]  # a tie suggests nothing
    assert (ranking.suggesting, ranking.first(1).numbers.tolist()) == (2, [3])


def test_wrong_labels_stand_first_by_the_arms_that_predict_held_out_labels_best(tmp_path):
    rows = [*stored(tmp_path, "ce", 0.5), *stored(tmp_path, "gce", 1.0)]
    (suspects,) = suspects_of(rows, tmp_path)
    wrong = int((GIVEN != TRUE).sum())
    assert (suspects.arms, suspects.trainings, suspects.classes) == (("gce",), FOLDS, ("cat", "dog", "owl"))
    first = suspects.train.first(wrong)
    assert sorted(first.numbers) == np.flatnonzero(GIVEN != TRUE).tolist()
    assert (first.suggested == TRUE[first.numbers]).all()
    assert (first.disagree == 1).all()
    assert set(suspects.train.seeds) == {1}
    assert suspects.test.numbers[0] == 7
    assert (suspects.test.suggesting, set(suspects.test.seeds)) == (1, {FOLDS})
    assert [one.part for one in suspects.rankings("test")] == ["test"]


def test_rows_with_made_noise_are_asked_for_the_flips_that_they_planted_and_for_nothing_else(tmp_path):
    plain = stored(tmp_path, "ce")
    (suspects,) = suspects_of([*plain, *stored(tmp_path, "ce", given=FLIPPED, rate=0.2)], tmp_path)
    assert suspects.train.given[np.argsort(suspects.train.numbers)].tolist() == GIVEN.tolist()
    (planted,) = suspects.planted
    flips = FLIPPED != GIVEN
    assert (planted.planted, planted.examples, planted.noise) == (flips.sum(), N, "symmetric")
    suspicion = suspicion_of(np.exp(sure(TRUE)), FLIPPED)
    order = np.argsort(-suspicion, kind="stable")
    assert dict(planted.at)[50] == pytest.approx(flips[order[:50]].sum() / flips.sum())
    assert suspects_of(stored(tmp_path, "gce", given=FLIPPED, rate=0.2), tmp_path) == []


def test_of_labels_that_are_drawn_anew_for_each_seed_each_counts_by_how_often_an_example_had_it():
    suspicion, planted, weights = np.array([0.9, 0.8, 0.1]), np.array([True, False, True]), np.array([0.5, 0.5, 1.0])
    assert recall_at(suspicion, planted, weights, (1, 2, 5)) == ((1, pytest.approx(1 / 3)),)


def test_near_duplicates_with_other_labels_are_listed_over_all_parts():
    train = DRAWS.normal(size=(6, 4))
    test = np.concatenate([train[[2, 3]], DRAWS.normal(size=(1, 4))])
    splits = Splits(train, np.array([0, 1, 0, 1, 0, 1]), test, np.array([1, 1, 0]))
    units = disagreeing(splits).units
    assert [[(twin.example, twin.label) for twin in unit] for unit in units] == [[(2, 0), (6, 1)]]
    images = DRAWS.integers(0, 255, (20, 1, 20, 20)).astype(np.uint8)
    brighter = np.minimum(images[:2].astype(int) + 9, 255).astype(np.uint8)
    splits = Splits(images, np.arange(20) % 2, brighter, np.array([1, 1]))
    assert [[twin.example for twin in unit] for unit in disagreeing(splits).units] == [[0, 20]]
