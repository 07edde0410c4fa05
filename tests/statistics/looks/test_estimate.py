"""The estimate of a mean over all examples from those that were looked at."""

from itertools import permutations

import numpy as np
import pytest

from lsbench.errors import InputError
from lsbench.statistics.looks import (
    Control,
    Design,
    belief_of,
    believed_control,
    estimate,
    given_control,
    make_design,
    tempered,
)

NONE = Control(np.zeros(40), fitted=False)


def test_with_equal_sizes_and_no_control_it_is_the_mean_and_its_textbook_variance():
    v = np.random.default_rng(0).normal(size=40)
    design = make_design(np.ones(40), seed=1)
    one = estimate(design, v[design.first(10)], NONE)
    assert float(one.mean) == pytest.approx(v[design.first(10)].mean())
    assert float(one.variance) == pytest.approx((1 - 10 / 40) * v[design.first(10)].var(ddof=1) / 10)


def test_it_is_the_point_estimate_of_prediction_powered_inference():
    """Values of ppi_py 0.2.3: ppi_mean_pointestimate(Y, Yhat, Yhat_unlabeled, lam=1), and with lam the fitted slope."""
    predicted = np.round(np.sin(np.arange(40.0)), 3)
    v = np.round(predicted * 0.7 + np.cos(3 * np.arange(40.0)) / 4, 3)
    design = Design(np.ones(40), np.arange(40), seed=0)
    plain = estimate(design, v[:12], Control(predicted, fitted=False))
    fitted = estimate(design, v[:12], Control(predicted, fitted=True))
    assert float(plain.mean) == pytest.approx(PPI_PLAIN, abs=1e-9)
    assert float(fitted.mean) == pytest.approx(PPI_FITTED, abs=1e-9)


PPI_PLAIN, PPI_FITTED = 0.029525, 0.031218748486957312


def test_over_all_draws_of_four_among_nine_it_is_right_on_average():
    q = np.array([1.0, 1, 1, 2, 2, 2, 3, 3, 4])
    q /= q.sum()
    v = np.array([0, 1, 0, 0, -1, 1, 0, 1, 0.0])
    given = np.array([0, 0, 0, 0, -1, 0, 0, 1, 0.0])
    total, average = 0.0, 0.0
    for first in permutations(range(9), 4):
        chance, left = 1.0, 1.0
        for i in first:
            chance, left = chance * q[i] / left, left - q[i]
        rest = [i for i in range(9) if i not in first]
        design = Design(q, np.array([*first, *rest]), seed=0)
        total += chance
        average += chance * float(estimate(design, v[list(first)], Control(given, fitted=False)).mean)
    assert total == pytest.approx(1)
    assert average == pytest.approx(v.mean(), abs=0.004)


def test_with_unequal_sizes_it_is_right_on_average_and_says_its_own_spread():
    rng = np.random.default_rng(1)
    q = rng.uniform(0.2, 1, 300)
    v = rng.normal(size=300) * q
    drawn = [make_design(q, seed) for seed in range(800)]
    shown = [estimate(one, v[one.first(40)], Control(np.zeros(300), fitted=False)) for one in drawn]
    means = np.array([float(one.mean) for one in shown])
    assert means.mean() == pytest.approx(v.mean(), abs=4 * means.std() / 800**0.5)
    assert np.mean([float(one.variance) for one in shown]) == pytest.approx(means.var(), rel=0.15)


def test_a_good_control_makes_it_narrower_and_a_useless_one_fitted_does_no_harm():
    rng = np.random.default_rng(2)
    v = rng.normal(size=400)
    designs = [make_design(np.ones(400), seed) for seed in range(300)]

    def spread(control):
        return np.std([float(estimate(one, v[one.first(50)], control).mean) for one in designs])

    alone = spread(Control(np.zeros(400), fitted=False))
    assert spread(Control(v + 0.3 * rng.normal(size=400), fitted=True)) < 0.4 * alone
    assert spread(Control(5 * rng.normal(size=400), fitted=True)) < 1.1 * alone


def test_seeds_and_arms_are_leading_axes():
    rng = np.random.default_rng(3)
    v, c = rng.normal(size=(2, 3, 40)), rng.normal(size=(2, 3, 40))
    design = make_design(rng.uniform(0.5, 1, 40), seed=0)
    together = estimate(design, v[..., design.first(15)], Control(c, fitted=True))
    alone = estimate(design, v[1, 2, design.first(15)], Control(c[1, 2], fitted=True))
    assert together.mean.shape == (2, 3)
    assert float(together.mean[1, 2]) == pytest.approx(float(alone.mean))
    assert float(together.variance[1, 2]) == pytest.approx(float(alone.variance))


def test_looking_at_all_leaves_nothing_unknown():
    v = np.arange(40.0)
    design = make_design(np.arange(1.0, 41), seed=0)
    one = estimate(design, v[design.order], NONE)
    assert float(one.mean) == pytest.approx(v.mean())
    assert float(one.variance) == 0


def test_the_variance_is_no_less_than_what_the_belief_expects():
    effect = np.tile([0.0, 1.0], (40, 1))
    design = make_design(np.ones(40), seed=0)
    sure = estimate(design, np.zeros(10), believed_control(effect, np.tile([1.0, 0.0], (40, 1)), np.zeros(40, int)))
    unsure = estimate(design, np.zeros(10), believed_control(effect, np.full((40, 2), 0.5), np.zeros(40, int)))
    assert float(sure.variance) == 0
    assert float(unsure.variance) == pytest.approx((40 / 10 - 1) * 40 * (6 / 7 * 1 / 7) / 40**2)


def test_networks_that_are_surer_than_right_do_not_make_the_expected_variance_small():
    rng = np.random.default_rng(0)
    truth, n = rng.integers(0, 4, 2000), 2000
    predicted = np.where(rng.random(n) < 0.75, truth, (truth + rng.integers(1, 4, n)) % 4)
    sure = np.where(np.eye(4)[predicted] > 0, 0.997, 0.001)
    right, design = np.eye(4)[predicted], make_design(np.ones(n), seed=0)
    as_is, mild = belief_of(sure, truth), belief_of(tempered(sure, truth), truth)
    true = right[np.arange(n), truth].var() / 50
    one, other = (
        estimate(design, np.zeros(50), believed_control(right, *beliefs)).variance
        for beliefs in ((as_is, truth), (mild, truth, as_is))
    )
    assert float(one) < true / 8
    assert float(other) > true / 4


def test_what_does_not_match_is_refused():
    design = make_design(np.ones(40), seed=0)
    with pytest.raises(InputError, match="40 examples take 1 to 40 looks"):
        estimate(design, np.zeros(41), NONE)
    with pytest.raises(InputError, match="40 examples take 1 to 40 looks"):
        estimate(design, np.zeros(4), Control(np.zeros(39), fitted=False))
    with pytest.raises(InputError, match="given labels"):
        given_control(np.zeros((3, 2)), [0, 1, 2])
