import numpy as np
import pytest
from scipy import stats

from lsbench.errors import InputError
from lsbench.statistics import (
    Difference,
    Spread,
    effect_size,
    paired_difference,
    sign_flip_p,
    spread,
    t_test_p,
    wilson_interval,
)
from tests.in_turn import in_turn


@in_turn("n", [2, 3, 5, 30])
def test_the_paired_interval_is_scipys(n):
    a, b = np.random.default_rng(n).normal(size=(2, n))
    expected = stats.ttest_rel(a, b).confidence_interval(0.95)
    found = paired_difference(a, b)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-9)
    assert found.mean == pytest.approx(np.mean(a - b))


def test_one_pair_has_no_interval_and_decides_nothing():
    found = paired_difference([0.5], [0.25])
    assert (found.mean, found.low, found.high, found.decided) == (0.25, None, None, False)
    assert not found.within(1)


def test_nothing_has_neither_a_spread_nor_a_difference():
    assert spread([]) is None
    assert paired_difference([], []) is None


def test_a_spread_is_mean_and_sample_sd():
    assert spread([1.0, 2.0, 4.0]) == Spread(pytest.approx(7 / 3), pytest.approx(np.std([1, 2, 4], ddof=1)), 3)
    assert spread([2.0]) == Spread(2.0, None, 1)


def test_a_difference_is_decided_when_its_interval_leaves_zero_out():
    assert paired_difference([1.0, 1.1, 1.2], [0, 0, 0]).decided
    assert not paired_difference([1.0, -1.1, 1.2], [0, 0, 0]).decided
    assert not paired_difference([0.0, 0.0], [0.0, 0.0]).decided


@in_turn(("low", "high", "inside"), [(-1, 1, True), (-1.1, 0, False), (0, 1.1, False)])
def test_a_difference_is_within_a_margin_that_holds_its_whole_interval(low, high, inside):
    assert Difference(0, low, high, 5).within(1) is inside


@pytest.mark.simulation
def test_nominal_intervals_of_five_seeds_cover_as_they_should():
    rng, trials, covered = np.random.default_rng(0), 6000, 0
    for a, b in rng.normal(size=(trials, 2, 5)):
        found = paired_difference(a, b)
        covered += found.low <= 0 <= found.high
    low, high = wilson_interval(covered, trials)
    assert 0.93 < low < 0.95 < high < 0.97


@in_turn("n", [2, 3, 5, 30])
def test_the_paired_t_test_is_scipys(n):
    a, b = np.random.default_rng(n).normal(size=(2, n))
    assert t_test_p(a, b) == pytest.approx(stats.ttest_rel(a, b).pvalue, rel=1e-9)


def test_a_t_test_without_spread_or_pairs_has_its_limits():
    assert t_test_p([1.0, 2.0], [1.0, 2.0]) == 1
    assert t_test_p([1.0, 2.0], [0.0, 1.0]) is None
    assert t_test_p([1.0], [0.0]) is None
    assert t_test_p([], []) is None


@in_turn("statistic", [paired_difference, t_test_p, sign_flip_p, effect_size])
def test_values_that_are_not_paired_are_refused(statistic):
    with pytest.raises(InputError, match=r"\(2,\) and \(1,\)"):
        statistic([1.0, 2.0], [1.0])


@in_turn("level", [0, 1, 95, float("nan")])
def test_a_level_outside_0_and_1_is_refused(level):
    with pytest.raises(InputError, match="level must"):
        paired_difference([1.0, 2.0], [0.0, 0.0], level)
