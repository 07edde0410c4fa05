import numpy as np
import pytest
from scipy import stats

from lsbench.statistics import Spread, paired_difference, spread


@pytest.mark.parametrize("n", [2, 3, 5, 30])
def test_the_paired_interval_is_scipys(n):
    a, b = np.random.default_rng(n).normal(size=(2, n))
    expected = stats.ttest_rel(a, b).confidence_interval(0.95)
    found = paired_difference(a, b)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-9)
    assert found.mean == pytest.approx(np.mean(a - b))


def test_one_pair_has_no_interval_and_decides_nothing():
    found = paired_difference([0.5], [0.25])
    assert (found.mean, found.low, found.high, found.decided) == (0.25, None, None, False)


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


def test_nominal_intervals_cover_as_they_should():
    rng, covered = np.random.default_rng(0), 0
    for _ in range(2000):
        a, b = rng.normal(size=(2, 5))
        found = paired_difference(a, b)
        covered += found.low <= 0 <= found.high
    assert 0.935 < covered / 2000 < 0.965
