import numpy as np
import pytest
from scipy import stats

from lsbench.errors import InputError
from lsbench.statistics import average_ranks, critical_difference, friedman, kendall_tau, wilson_interval
from tests.in_turn import in_turn


@pytest.mark.parametrize("values", [3, 1000], ids=["many ties", "few ties"])
@pytest.mark.parametrize("n", [2, 5, 40])
def test_kendalls_tau_is_scipys(n, values):
    rng = np.random.default_rng(n)
    compared = 0
    for _ in range(20):
        a, b = rng.integers(0, values, size=(2, n))
        expected = stats.kendalltau(a, b).statistic
        found = kendall_tau(a, b)
        assert found == pytest.approx(expected) if found is not None else np.isnan(expected)
        compared += found is not None
    assert compared > 5


def test_kendalls_tau_has_its_limits():
    assert kendall_tau([1, 2, 3], [10, 20, 30]) == 1
    assert kendall_tau([1, 2, 3], [3, 2, 1]) == -1
    assert kendall_tau([1, 1], [1, 2]) is None
    assert kendall_tau([1], [1]) is None
    assert kendall_tau([], []) is None
    with pytest.raises(InputError, match="one length, got 2 and 1"):
        kendall_tau([1, 2], [1])
    with pytest.raises(InputError, match="finite"):
        kendall_tau([1, np.nan], [1, 2])


@in_turn("level", [0.5, 0.95, 0.999])
def test_wilsons_interval_is_scipys(level):
    pairs = [(0, 1), (1, 1), (0, 10), (3, 10), (10, 10), (970, 1000)]
    low, high = wilson_interval(*np.transpose(pairs), level)
    for (k, n), found in zip(pairs, zip(low, high, strict=True), strict=True):
        expected = stats.binomtest(k, n).proportion_ci(level, method="wilson")
        assert found == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_wilsons_interval_broadcasts_and_is_unknown_of_nothing():
    low, high = wilson_interval([[0], [2]], [0, 2, 4][1:])
    assert low.shape == high.shape == (2, 2)
    low, high = wilson_interval([0, 1], [0, 1])
    assert np.isnan([low[0], high[0]]).all()
    assert high[1] == 1
    assert wilson_interval(0, 5)[0] == 0


@in_turn(("k", "n"), [(3, 2), (-1, 2), ([1, 1], [1, 1, 1]), (np.nan, 2)])
def test_impossible_counts_are_refused(k, n):
    with pytest.raises(InputError, match="successes"):
        wilson_interval(k, n)


@pytest.mark.parametrize("values", [3, 10_000], ids=["many ties", "no ties"])
@pytest.mark.parametrize("shape", [(6, 3), (12, 5), (2, 4)])
def test_friedmans_test_is_scipys(shape, values):
    scores = np.random.default_rng(1).integers(0, values, size=shape)
    assert friedman(scores) == pytest.approx(stats.friedmanchisquare(*scores.T).pvalue, rel=1e-9)


def test_friedmans_test_takes_ranks_or_scores_and_gives_1_where_all_is_tied():
    scores = np.random.default_rng(0).normal(size=(8, 4))
    assert friedman(stats.rankdata(scores, axis=1)) == friedman(scores)
    assert friedman([[1, 1, 1], [2, 2, 2]]) == 1


def test_average_ranks_give_1_to_the_best_and_share_ties():
    scores = [[0.9, 0.8, 0.8], [0.5, 0.7, 0.6]]
    assert average_ranks(scores, "higher").tolist() == [2.0, 1.75, 2.25]
    assert average_ranks(scores, "lower").tolist() == [2.0, 2.25, 1.75]
    assert average_ranks([[-0.1, 0.2, -0.3]], "zero").tolist() == [1, 2, 3]


def test_average_ranks_are_scipys():
    scores = np.random.default_rng(0).integers(0, 4, size=(9, 6))
    assert average_ranks(scores, "lower") == pytest.approx(stats.rankdata(scores, axis=1).mean(0))


def test_the_critical_difference_has_demsars_values():
    q = {2: 1.960, 3: 2.343, 4: 2.569, 5: 2.728, 6: 2.850, 7: 2.949, 8: 3.031, 9: 3.102, 10: 3.164}
    assert {k: critical_difference(k, 14) / (k * (k + 1) / 84) ** 0.5 for k in q} == pytest.approx(q, abs=1.1e-3)
    ninety = {2: 1.645, 3: 2.052, 5: 2.459, 10: 2.920}
    found = {k: critical_difference(k, 14, 0.9) / (k * (k + 1) / 84) ** 0.5 for k in ninety}
    assert found == pytest.approx(ninety, abs=1.1e-3)


def test_the_critical_difference_is_scipys_studentised_range():
    expected = stats.studentized_range.isf(0.01, 6, np.inf) / 2**0.5 * (6 * 7 / (6 * 30)) ** 0.5
    assert critical_difference(6, 30, 0.99) == pytest.approx(expected, rel=1e-6)


@in_turn("scores", [np.ones((0, 3)), np.ones((3, 1)), np.ones(3), [[1, np.nan]]])
def test_scores_that_cannot_be_ranked_are_refused(scores):
    with pytest.raises(InputError, match="scores must"):
        friedman(scores)


def test_a_critical_difference_needs_two_arms_and_a_setting():
    with pytest.raises(InputError, match="k must"):
        critical_difference(1, 5)
    with pytest.raises(InputError, match="n must"):
        critical_difference(2, 0)
    with pytest.raises(InputError, match="higher, lower, zero"):
        average_ranks([[1, 2]], "bigger")
