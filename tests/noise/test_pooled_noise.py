"""What held-out predictions of several trainings say of the given labels together."""

from itertools import product

import numpy as np
import pytest
from torch import Generator

from lsbench.errors import InputError
from lsbench.noise import estimate_noise, flip_labels, pooled
from lsbench.noise.pooled import FEWEST, PooledNoise, Refused, noise_interval, pool, pooled_noise
from lsbench.noise.weak import weakness
from tests.in_turn import in_turn
from tests.noise.cross_fitted import MISTAKEN, cross_fitted
from tests.noise.estimate_cases import gaussians


def gaussian_pool(distance: float, rate: float, n: int = 3000, num_classes: int = 10):
    probs, true = gaussians(distance, n, num_classes)
    given = flip_labels(true, rate, num_classes, Generator().manual_seed(1), "symmetric")
    return pool(np.arange(n), given.numpy(), probs.log().numpy()), true.numpy()


def test_predictions_of_the_same_example_with_the_same_label_are_averaged():
    log_probs = np.log([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])
    joined = pool(np.array([7, 3, 7]), np.array([0, 1, 0]), log_probs)
    assert joined.examples.tolist() == [3, 7]
    assert joined.given.tolist() == [1, 0]
    np.testing.assert_allclose(joined.probs, [[0.2, 0.8], [0.8, 0.2]])
    assert (joined.count, joined.weights.tolist()) == (2, [1, 1])


def test_an_example_whose_label_varies_weighs_one_and_each_label_by_how_often_it_had_it():
    log_probs = np.log([[0.9, 0.1]] * 4)
    joined = pool(np.array([5, 5, 5, 5]), np.array([0, 1, 0, 0]), log_probs)
    assert (joined.count, joined.given.tolist(), joined.weights.tolist()) == (1, [0, 1], [0.75, 0.25])


def test_the_order_of_the_trainings_does_not_matter():
    predictions, _ = gaussian_pool(3, 0.2, 500)
    shuffled = np.random.default_rng(0).permutation(500)
    again = pool(shuffled, predictions.given[shuffled], np.log(predictions.probs[shuffled]))
    assert pooled_noise(again) == pooled_noise(predictions)


def test_examples_that_were_held_out_once_are_estimated_as_one_set_of_predictions():
    predictions, _ = gaussian_pool(4, 0.3)
    alone, noise = estimate_noise(predictions.probs, predictions.given), pooled_noise(predictions)
    assert (noise.contradicted, noise.matrix, noise.joint) == (alone.rate, alone.matrix, alone.joint)
    assert noise.count == alone.count == 3000


def test_a_strong_model_contradicts_what_is_wrong_and_its_numbers_lie_in_order():
    predictions, true = gaussian_pool(6, 0.3)
    noise = pooled_noise(predictions)
    rate = float((predictions.given != true).mean())
    assert noise.contradicted == pytest.approx(rate, abs=0.01)
    assert 0.25 < noise.low < noise.contradicted < noise.high < 0.35
    assert noise.surest == pytest.approx(rate, abs=0.03)
    assert noise.accuracy == pytest.approx(1 - rate, abs=0.01)


def test_more_examples_make_the_interval_narrower():
    widths = [np.diff(noise_interval(gaussian_pool(4, 0.2, n)[0])) for n in (400, 6400)]
    assert widths[1] < widths[0] / 2


def test_examples_that_belong_together_make_the_interval_wider():
    """20 copies of each of 150 examples say no more than the 150."""
    few, _ = gaussian_pool(4, 0.2, 150, 3)
    copied = [np.repeat(array, 20, axis=0) for array in (few.given, np.log(few.probs), few.examples)]
    together = noise_interval(pool(np.arange(3000), copied[0], copied[1], units=copied[2]))
    assert np.diff(together) == pytest.approx(np.diff(noise_interval(few)), rel=0.2)
    assert np.diff(noise_interval(pool(np.arange(3000), *copied[:2]))) < np.diff(together) / 2


def test_no_contradiction_among_few_labels_leaves_room_above():
    labels = np.arange(40) % 2
    noise = pooled_noise(pool(np.arange(40), labels, np.log(np.where(np.eye(2)[labels] > 0, 0.99, 0.01))))
    assert noise.contradicted == noise.low == 0
    assert 0.05 < noise.high < 0.12


@pytest.mark.simulation
@pytest.mark.parametrize("kind", MISTAKEN)
def test_the_true_rate_is_below_the_upper_end_in_95_percent_of_made_sets(kind, monkeypatch):
    """Linear models, weak and strong, which learnt from the wrong labels."""
    monkeypatch.setattr(pooled, "MOST_DRAWS", 100)
    sets = [cross_fitted(kind, *each) for each in product((0.05, 0.2, 0.45), range(8), (2.0, 3.0, 5.0))]
    told = [(noise, one) for one in sets if isinstance(noise := one.estimated(), PooledNoise)]
    assert len(told) > len(sets) / 2
    assert np.mean([one.rate <= noise.high for noise, one in told]) >= 0.95
    assert np.median([noise.contradicted / (one.rate + one.error) for noise, one in told]) <= 2


@pytest.mark.simulation
def test_confident_learning_alone_is_too_low_where_one_class_is_mistaken_for_another_and_not_the_reverse():
    sets = [cross_fitted("one way", 0.3, seed, 5.0) for seed in range(5)]
    assert all((noise := one.estimated()).contradicted < one.rate < noise.high for one in sets)


def test_a_model_that_knows_nothing_or_little_is_refused():
    draws = np.random.default_rng(0)
    labels = draws.integers(0, 10, 1000)
    nothing = pooled_noise(pool(np.arange(1000), labels, np.log(draws.dirichlet(np.ones(10), 1000))))
    assert isinstance(nothing, Refused)
    assert "of always answering the most frequent class" in nothing.reason
    little = pooled_noise(gaussian_pool(1.7, 0.0)[0])
    assert isinstance(little, Refused)
    assert "unsure" in little.reason
    assert little.accuracy == pytest.approx(0.57, abs=0.01)


def test_the_reason_for_a_refusal_is_true_of_a_model_that_is_right_twice_as_often_as_the_majority():
    reason = weakness(accuracy=0.272, majority=0.111, surest=None, count=900)
    assert reason.startswith("the lower end of its interval, 24.4 %, is less than a quarter of the way from 11.1 %")


def test_always_the_most_frequent_class_is_refused_however_often_it_is_right():
    labels = (np.arange(1000) % 20 == 0).astype(int)
    noise = pooled_noise(pool(np.arange(1000), labels, np.log(np.tile([0.95, 0.05], (1000, 1)))))
    assert isinstance(noise, Refused)
    assert noise.accuracy == noise.majority == 0.95


def test_classes_with_too_few_examples_are_left_out_and_said():
    predictions, _ = gaussian_pool(5, 0.1, 1000, 4)
    rare = np.flatnonzero(predictions.given == 2)[: FEWEST - 1]
    chosen = np.concatenate([np.flatnonzero(predictions.given != 2), rare])
    noise = pooled_noise(pool(chosen, predictions.given[chosen], np.log(predictions.probs[chosen])))
    assert noise.left_out == ((2, FEWEST - 1),)
    assert noise.count == len(chosen) - len(rare)
    assert noise.matrix[2] == (None,) * 4
    assert sum(noise.joint[2]) == 0
    alone = pooled_noise(pool(rare, predictions.given[rare], np.log(predictions.probs[rare])))
    assert isinstance(alone, Refused)
    assert "fewer than two classes" in alone.reason


@in_turn(
    ("examples", "given", "log_probs", "message"),
    [
        ([1], [0, 1], [[0.0, -9.0]] * 2, "equally long"),
        ([1, 2], [0, 2], [[0.0, -9.0]] * 2, "must be in"),
        ([1, 2], [0, 1], [[0.0, np.nan]] * 2, "at most 0, got nan"),
        ([1, 2], [0, 1], [[0.5, -9.0]] * 2, "at most 0, got 0.5"),
    ],
)
def test_what_are_no_predictions_is_refused(examples, given, log_probs, message):
    with pytest.raises(InputError, match=message):
        pool(np.array(examples), np.array(given), np.array(log_probs))
