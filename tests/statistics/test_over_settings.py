import itertools

import numpy as np
import pytest
from scipy import stats

from lsbench.statistics import rank_over_settings
from tests.simulations import simulation


def table(values):
    """values (arms, settings, seeds) as the mapping."""
    return {a: {s: dict(enumerate(seeds)) for s, seeds in enumerate(by_setting)} for a, by_setting in enumerate(values)}


def test_ranks_are_of_means_over_seeds_and_the_test_is_friedmans():
    values = np.random.default_rng(0).normal(size=(4, 7, 3))
    ranks = rank_over_settings(table(values))
    means = values.mean(-1)
    assert ranks.ranks == pytest.approx(stats.rankdata(means, axis=0).mean(1))
    assert ranks.p == pytest.approx(stats.friedmanchisquare(*means).pvalue)


def test_more_seeds_in_a_setting_are_no_more_blocks():
    values = np.random.default_rng(1).normal(size=(3, 6, 1))
    once, often = (rank_over_settings(table(values.repeat(seeds, -1))) for seeds in (1, 50))
    assert once == often


def test_fewer_than_five_settings_that_all_arms_have_are_too_few():
    values = table(np.random.default_rng(2).normal(size=(3, 6, 2)))
    values[0].pop(5)
    ranks = rank_over_settings(values)
    assert (len(ranks.settings), ranks.left_out) == (5, (5,))
    values[1][4] = {0: None, 1: float("nan")}
    assert rank_over_settings(values) is None
    assert rank_over_settings({"ce": values[2]}) is None


def test_two_arms_are_compared_by_the_exact_sign_test_without_ties():
    values = np.zeros((2, 9, 1))
    values[1, :8] = 1
    ranks = rank_over_settings(table(values))
    assert ranks.p == stats.binomtest(8, 8).pvalue
    assert ranks.apart(0, 1)
    assert rank_over_settings(table(np.zeros((2, 9, 1)))).p == 1


@pytest.mark.parametrize("half_worse", [False, True])
@pytest.mark.parametrize(("arms", "settings", "seeds"), [(2, 8, 3), (3, 5, 5), (6, 6, 5), (12, 12, 3)])
@simulation(short=80, long=5000)
def test_pairs_are_false_in_at_most_5_percent_although_settings_act_on_arms(trials, arms, settings, seeds, half_worse):
    """The sd of an arm by a setting is that of one seed. A false pair is one of two arms with equal means."""
    rng, false, middle = np.random.default_rng([arms, settings]), 0, (arms + 1) // 2
    for _ in range(trials):
        values = rng.normal(size=(arms, settings, 1)) + rng.normal(size=(arms, settings, seeds))
        values[middle:] += 2 * half_worse
        ranks = rank_over_settings(table(values))
        pairs = itertools.combinations(range(arms), 2)
        false += any(ranks.apart(a, b) for a, b in pairs if not half_worse or (a < middle) == (b < middle))
    assert false / trials <= 0.05 + 3.5 * (0.05 * 0.95 / trials) ** 0.5
