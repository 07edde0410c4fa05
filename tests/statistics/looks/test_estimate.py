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
    learned_belief,
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
    sure, unsure = np.tile([1.0, 0.0], (40, 1)), np.full((40, 2), 0.5)
    assert float(estimate(design, np.zeros(10), believed_control(effect, sure, sure)).variance) == 0
    guarded = estimate(design, np.zeros(10), believed_control(effect, sure, unsure))
    assert float(guarded.variance) == pytest.approx((40 / 10 - 1) * 40 * 0.5 / 40**2)
    by_given = estimate(design, np.zeros(10), given_control(effect, np.zeros(40, int), unsure))
    assert float(by_given.variance) == pytest.approx((40 / 10 - 1) * 40 * 0.5 / 40**2)


class Imitated:
    """Networks that are sure, and wrong on 15 %; the given labels repeat every mistake of theirs."""

    def __init__(self, n=2000):
        rng = np.random.default_rng(0)
        self.n, self.truth = n, rng.integers(0, 4, n)
        self.given = np.where(rng.random(n) < 0.85, self.truth, (self.truth + rng.integers(1, 4, n)) % 4)
        self.p = np.where(np.eye(4)[self.given] > 0, 0.997, 0.001)

    def learned(self, looks):
        """By the answers to the first of them."""
        return learned_belief(self.p, self.given, np.arange(looks), np.eye(4, dtype=bool)[self.truth[:looks]])


def test_answers_teach_that_given_labels_and_networks_are_wrong_together():
    made = Imitated()
    given = np.arange(made.n), made.given
    assert made.learned(200)[given].mean() == pytest.approx(0.85, abs=0.06)
    answers = np.eye(4, dtype=bool)[made.given[:200]]
    sound = learned_belief(made.p, made.given, np.arange(200), answers)[given].mean()
    assert sound > 0.98


def test_answers_teach_that_networks_are_right_more_often_than_they_say():
    """They give .4 to a class that is right always, as people say; a third of the given labels is another one."""
    truth, given = np.zeros(300, int), np.arange(300) % 3 // 2
    p = np.tile([0.4] + [0.6 / 7] * 7, (300, 1))
    wrong, answers = given != truth, np.eye(8, dtype=bool)[truth[:60]]
    before = belief_of(p, given)[wrong, 0].mean()
    after = learned_belief(p, given, np.arange(60), answers)[wrong, 0].mean()
    assert before < 0.2
    assert after > 0.7  # .26 of beliefs that only make predictions less sure


def test_a_sample_without_a_mistake_of_sure_networks_has_the_variance_that_the_mistakes_make():
    made = Imitated()
    nll, design = -np.log(made.p), make_design(np.ones(made.n), seed=0)
    before = belief_of(tempered(made.p, made.given), made.given)
    lucky = nll[0, made.given[0]] * np.ones(30)  # as if none of 30 was a mistake
    blind, guarded = (
        float(estimate(design, lucky, believed_control(nll, before, learned)).variance)
        for learned in (None, made.learned(200))
    )
    true = nll[np.arange(made.n), made.truth].var() / 30
    assert blind < true / 100
    assert 0.6 * true < guarded < 2 * true


def test_an_answer_that_leaves_all_classes_open_teaches_nothing_and_one_of_two_teaches_less():
    made = Imitated(200)
    nothing = np.zeros((20, 4), bool)
    none, every = (learned_belief(made.p, made.given, np.arange(20), one) for one in (nothing, ~nothing))
    assert none == pytest.approx(made.learned(0))
    assert every == pytest.approx(none)
    assert none.sum(1) == pytest.approx(1)
    other = np.eye(4, dtype=bool)[(made.given[:20] + 1) % 4]
    either = other | np.eye(4, dtype=bool)[made.given[:20]]
    wrong = [learned_belief(made.p, made.given, np.arange(20), one)[:, 0].std() for one in (other, either)]
    assert wrong[0] < wrong[1]


def test_what_does_not_match_is_refused():
    design = make_design(np.ones(40), seed=0)
    with pytest.raises(InputError, match="40 examples take 1 to 40 looks"):
        estimate(design, np.zeros(41), NONE)
    with pytest.raises(InputError, match="40 examples take 1 to 40 looks"):
        estimate(design, np.zeros(4), Control(np.zeros(39), fitted=False))
    with pytest.raises(InputError, match="given labels"):
        given_control(np.zeros((3, 2)), [0, 1, 2])
    with pytest.raises(InputError, match="one shape"):
        given_control(np.zeros((3, 2)), [0, 1, 1], np.ones((2, 2)))
    with pytest.raises(InputError, match="may_be must have shape"):
        learned_belief(np.full((3, 2), 0.5), [0, 1, 1], [0], np.ones((2, 2), bool))
