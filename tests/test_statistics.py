import numpy as np
import pytest
from scipy import stats

from lsbench.statistics import (
    Spread,
    effect_size,
    holm,
    paired_difference,
    power,
    seeds_needed,
    sign_flip_p,
    spread,
    t_test_p,
)


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


@pytest.mark.parametrize("n", [2, 3, 5, 30])
def test_the_paired_t_test_is_scipys(n):
    a, b = np.random.default_rng(n).normal(size=(2, n))
    assert t_test_p(a, b) == pytest.approx(stats.ttest_rel(a, b).pvalue, rel=1e-9)


def test_a_t_test_without_spread_or_pairs_has_its_limits():
    assert t_test_p([1.0, 2.0], [1.0, 2.0]) == 1
    assert t_test_p([1.0, 2.0], [0.0, 1.0]) == 0
    assert t_test_p([1.0], [0.0]) is None


@pytest.mark.parametrize("n", [2, 5, 9])
def test_the_sign_flip_test_is_scipys_exact_permutation_test(n):
    a, b = np.random.default_rng(n).normal(size=(2, n))
    expected = stats.permutation_test((a - b,), np.sum, permutation_type="samples", n_resamples=np.inf).pvalue
    assert sign_flip_p(a, b) == pytest.approx(expected)


def test_five_seeds_that_all_agree_give_the_smallest_p_there_is():
    assert sign_flip_p([1, 2, 3, 4, 5], [0] * 5) == 2 / 2**5
    assert sign_flip_p([0.1, 0.2, 0.3], [0.1, 0.2, 0.3]) == 1
    assert sign_flip_p([3.0], [0]) == 1
    assert sign_flip_p([], []) is None
    assert sign_flip_p(range(17), range(17)) is None


def test_equal_sums_count_as_equal_whatever_their_last_bits():
    assert sign_flip_p([0.1, 0.2, 0.3], [0, 0, 0]) == 2 / 8
    assert sign_flip_p([0.1, 0.2, -0.3], [0, 0, 0]) == 1


def plain_holm(p):
    """From the definition: hypothesis i is rejected at level a iff every smaller one is and p_i <= a / (m - rank)."""
    order, adjusted, running = sorted(range(len(p)), key=lambda i: p[i]), [0.0] * len(p), 0.0
    for rank, i in enumerate(order):
        running = max(running, min(1.0, (len(p) - rank) * p[i]))
        adjusted[i] = running
    return adjusted


@pytest.mark.parametrize("m", [0, 1, 2, 7])
def test_holm_is_its_definition(m):
    p = np.random.default_rng(m).uniform(size=m) ** 3
    assert holm(p) == pytest.approx(plain_holm(p.tolist()))


def test_holm_on_a_worked_example():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_the_effect_size_is_in_units_of_the_spread():
    assert effect_size([1.0, 2.0, 3.0], [0, 0, 0]) == pytest.approx(2.0)
    assert effect_size([1.0, 1.0], [0, 0]) is None
    assert effect_size([1.0], [0]) is None


@pytest.mark.parametrize(("d", "n"), [(0.0, 5), (1.0, 5), (0.5, 20), (2.0, 3)])
def test_power_is_what_a_simulation_finds(d, n):
    rng, trials = np.random.default_rng(0), 4000
    found = np.mean([t_test_p(rng.normal(d, 1, n), np.zeros(n)) <= 0.05 for _ in range(trials)])
    assert power(d, n) == pytest.approx(found, abs=4 * (0.25 / trials) ** 0.5)


def test_one_standard_deviation_needs_ten_seeds():
    assert seeds_needed(1.0) == 10  # the textbook's number at 80 % and 5 %
    assert power(1.0, 10) >= 0.8 > power(1.0, 9)
    assert seeds_needed(-1.0) == 10
    assert seeds_needed(0.0) is None
    assert seeds_needed(50.0) == 2
