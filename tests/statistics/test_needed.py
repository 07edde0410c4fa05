import numpy as np
import pytest
from scipy import stats

from lsbench.errors import InputError
from lsbench.statistics import SeedsNeeded, collapsed, detectable_effect, power, seeds_to_find
from lsbench.statistics.cautious import alike_needed


def with_effect(d_z, n=5):
    d = np.linspace(-1, 1, n)
    return d / d.std(ddof=1) + d_z


@pytest.mark.parametrize(("comparisons", "expected"), [(1, 10), (5, 16), (18, 20)])
def test_seeds_needed_are_those_of_the_level_that_the_family_uses(comparisons, expected):
    assert seeds_to_find(with_effect(1), 0.05 / comparisons).expected == expected


def test_the_range_of_seeds_needed_comes_from_the_interval_of_the_effect():
    d = with_effect(1)
    found = seeds_to_find(d, 0.05)
    t = np.sqrt(5)
    effects = np.linspace(0, 10, 100_001)
    strong = effects[stats.nct.cdf(t, 4, effects) <= 0.1][0] / np.sqrt(5)
    assert found.low == next(n for n in range(2, 100) if power(strong, n) >= 0.8)
    assert found.low < found.expected < found.high


def test_what_needs_more_than_1000_seeds_is_none_and_so_is_what_is_below_the_tolerance():
    assert seeds_to_find(with_effect(0.01), 0.05).expected is None
    assert seeds_to_find(with_effect(1), 0.05, tolerance=2.0) == SeedsNeeded(
        None, seeds_to_find(with_effect(1), 0.05, tolerance=2.0).low, None
    )


def test_numbers_of_seeds_are_told_in_words():
    assert str(SeedsNeeded(16, 8, 105)) == "16 (8 to 105)"
    assert str(SeedsNeeded(16, 8, None)) == "16 (8 to more than 1,000)"
    assert str(SeedsNeeded(None, 12, None)) == "more than 1,000 (from 12)"
    assert str(SeedsNeeded(None, None, None)) == "more than 1,000"


def test_equal_differences_need_as_many_as_reach_the_level_by_their_signs():
    assert seeds_to_find([0.1, 0.1], 0.05) == SeedsNeeded(6, 6, 6)
    assert seeds_to_find([0.0, 0.0], 0.05) is None
    assert seeds_to_find([0.1], 0.05) is None


@pytest.mark.parametrize(("n", "comparisons"), [(3, 1), (5, 18), (10, 300), (51, 18), (400, 1)])
def test_the_detectable_effect_is_found_4_times_in_5(n, comparisons):
    assert power(detectable_effect(n, 0.05 / comparisons), n, 1 - 0.05 / comparisons) == pytest.approx(0.8, abs=1e-4)


def test_one_seed_detects_nothing_and_is_refused():
    with pytest.raises(InputError, match="n"):
        detectable_effect(1, 0.05)


def test_the_sign_flip_test_needs_six_seeds_for_one_comparison_and_more_for_several():
    assert [alike_needed(0.05 / m) for m in (1, 5, 18, 300)] == [6, 8, 10, 14]


def test_a_collapsed_seed_is_seen_and_equal_ones_are_not():
    assert collapsed([0.1, 0.2, 0.15, 0.12, 9.0]).tolist() == [False] * 4 + [True]
    assert not collapsed([0.0, 0.0, 0.0, 9.0]).any()
    assert not collapsed([]).any()
    assert not collapsed([0.1, 0.11, 9.0]).any()  # three are too few
