import numpy as np
import pytest
from scipy import stats

from lsbench.errors import InputError
from lsbench.statistics import equivalence_p, holm, paired_difference, sign_flip_p
from tests.in_turn import in_turn


@in_turn("n", [2, 5, 9])
def test_the_sign_flip_test_is_scipys_exact_permutation_test(n):
    a, b = np.random.default_rng(n).normal(size=(2, n))
    expected = stats.permutation_test((a - b,), np.sum, permutation_type="samples", n_resamples=np.inf).pvalue
    assert sign_flip_p(a, b) == pytest.approx(expected)


def test_five_seeds_that_all_agree_give_the_smallest_p_there_is():
    assert sign_flip_p([1, 2, 3, 4, 5], [0] * 5) == 2 / 2**5
    assert sign_flip_p([0.1, 0.2, 0.3], [0.1, 0.2, 0.3]) == 1
    assert sign_flip_p([3.0], [0]) == 1
    assert sign_flip_p([], []) is None
    assert sign_flip_p(range(16), [0] * 16) == 4 / 2**16  # the pair that is 0 may have either sign
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


@in_turn("m", [0, 1, 2, 7])
def test_holm_is_its_definition(m):
    p = np.random.default_rng(m).uniform(size=m) ** 3
    assert holm(p) == pytest.approx(plain_holm(p.tolist()))


def test_holm_on_a_worked_example():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_holm_of_equal_p_values_gives_them_one_adjusted_value():
    assert holm([0.02, 0.02, 0.02]) == pytest.approx([0.06] * 3)
    assert holm([0.5, 0.9]) == [1.0, 1.0]


@in_turn("n", [2, 3, 10])
@in_turn("margin", [0.1, 1.0])
def test_equivalence_is_the_larger_of_scipys_two_one_sided_tests(n, margin):
    a, b = np.random.default_rng(n).normal(0.2, 1, size=(2, n))
    above = stats.ttest_rel(a + margin, b, alternative="greater").pvalue
    below = stats.ttest_rel(a - margin, b, alternative="less").pvalue
    assert equivalence_p(a, b, margin) == pytest.approx(max(above, below), rel=1e-9)


def test_equivalence_at_5_percent_is_the_90_percent_interval_within_the_margin():
    both = [0, 0]
    for a in np.random.default_rng(0).normal(size=(200, 8)):
        shown = equivalence_p(a, np.zeros(8), 0.7) <= 0.05
        assert shown == paired_difference(a, np.zeros(8), 0.9).within(0.7)
        both[shown] += 1
    assert min(both) > 20


def test_equal_differences_are_equivalent_when_they_lie_within_the_margin():
    assert equivalence_p([1.5, 2.5], [1.0, 2.0], 0.75) == 0.25  # two signs are no proof
    assert equivalence_p([1.5, 2.5], [1.0, 2.0], 0.5) == 1
    assert equivalence_p([1.0, 2.0], [1.0, 2.0], 0.1) == 0
    assert equivalence_p([1.0], [1.0], 0.1) is None
    assert equivalence_p([], [], 0.1) is None


@in_turn("margin", [0, -1, float("nan"), float("inf")])
def test_a_margin_must_be_a_finite_number_above_zero(margin):
    with pytest.raises(InputError, match="margin must be"):
        equivalence_p([1.0, 2.0], [1.0, 2.0], margin)


def test_equivalence_of_nan_is_refused():
    with pytest.raises(InputError, match=r"got nan at \[1\]"):
        equivalence_p([1.0, float("nan")], [1.0, 2.0], 1)
