import math

import numpy as np
import pytest
from scipy import stats

from lsbench.errors import InputError
from lsbench.statistics import (
    SequentialResult,
    paired_difference,
    sequential_levels,
    sequential_test,
    sequential_type_one,
    t_test_p,
    wilson_interval,
)
from tests.in_turn import in_turn

LOOKS = (3, 5, 8, 12, 20)
PUBLISHED = {  # critical |z| of five equally spaced looks at two-sided 0.05 (Jennison and Turnbull, 2000; ldbounds)
    "obrien-fleming": [4.877, 3.357, 2.680, 2.290, 2.031],
    "pocock": [2.438, 2.427, 2.410, 2.397, 2.386],
}


def critical(levels):
    return [stats.norm.isf(level / 2) for level in levels]


@pytest.mark.parametrize("spending", PUBLISHED)
def test_five_equal_looks_have_the_published_critical_values(spending):
    levels = sequential_levels((4, 8, 12, 16, 20), spending=spending)
    assert critical(levels) == pytest.approx(PUBLISHED[spending], abs=6e-4)


@pytest.mark.simulation
@pytest.mark.parametrize("spending", PUBLISHED)
@in_turn("alpha", [0.01, 0.05, 0.2])
@in_turn("looks", [(2, 3), (3, 5, 8, 12, 20), (2, 40, 41), tuple(range(2, 51))])
def test_a_brownian_path_crosses_with_the_chance_alpha(looks, alpha, spending):
    rng, trials = np.random.default_rng(0), 40_000
    bounds = critical(sequential_levels(looks, alpha, spending))
    steps = rng.normal(size=(trials, len(looks))) * np.sqrt(np.diff(looks, prepend=0))
    z = steps.cumsum(1) / np.sqrt(looks)
    crossed = (np.abs(z) >= bounds).any(1).mean()
    assert crossed == pytest.approx(alpha, abs=4 * (alpha * (1 - alpha) / trials) ** 0.5)


@pytest.mark.parametrize("spending", PUBLISHED)
def test_a_single_look_may_use_all_of_the_level(spending):
    assert sequential_levels((7,), 0.05, spending) == pytest.approx((0.05,), rel=1e-9)


@pytest.mark.parametrize("n", [3, 8, 20])
@in_turn("level", [1e-12, 1e-8, 0.01, 1.0])
def test_repeated_intervals_are_students_far_into_the_tail(n, level):
    d = np.random.default_rng(n).normal(size=n)
    half = stats.t.isf(level / 2, n - 1) * d.std(ddof=1) / n**0.5
    result = sequential_test(d, (n,), (level,))
    assert (result.low, result.high) == pytest.approx((d.mean() - half, d.mean() + half), rel=1e-6)


def test_a_first_look_far_too_early_has_nothing_to_spend():
    first, last = sequential_levels((2, 1_000_000))
    assert first == 0
    assert last == pytest.approx(0.05)


@in_turn(
    ("looks", "options", "message"),
    [
        ((), {}, "1 to 1000 looks, got 0"),
        ((1, 3), {}, r"\[2, "),
        ((3, 3), {}, "must increase, got 3, 3"),
        ((3, 2.5), {}, "whole number"),
        ((3, 5), {"alpha": 1}, "alpha must"),
        ((3, 5), {"spending": "haybittle"}, "one of obrien-fleming, pocock"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(looks, options, message):
    with pytest.raises(InputError, match=message):
        sequential_levels(looks, **options)


@pytest.mark.simulation
def test_the_stated_type_one_error_is_that_of_the_test_itself():
    rng, trials, levels = np.random.default_rng(0), 4000, sequential_levels(LOOKS, 0.2)
    wrong = sum(sequential_test(d, LOOKS, levels).status != "undecided" for d in rng.normal(size=(trials, 20)))
    low, high = wilson_interval(wrong, trials, 0.999)
    assert low < sequential_type_one(LOOKS, levels) < high


@pytest.mark.simulation
@pytest.mark.parametrize(
    ("looks", "spending", "error"),
    [(LOOKS, "obrien-fleming", 0.0514), (LOOKS, "pocock", 0.0557), ((2, 3, 4, 5), "obrien-fleming", 0.0572)],
)
def test_t_tests_from_three_seeds_err_as_seldom_as_documented(looks, spending, error):
    found = sequential_type_one(looks, sequential_levels(looks, spending=spending), draws=60_000)
    assert found == pytest.approx(error, abs=4 * (0.05 * 0.95 / 60_000) ** 0.5)


@pytest.mark.simulation
def test_the_planned_looks_keep_the_family_wise_error_at_5_percent():
    draws = 20_000
    found = sequential_type_one(LOOKS, sequential_levels(LOOKS), draws=draws, seed=1)
    low, _ = wilson_interval(round(found * draws), draws)
    assert low <= 0.05
    assert found < 0.055


def test_looking_five_times_at_5_percent_each_is_what_levels_prevent():
    assert sequential_type_one(LOOKS, [0.05] * 5) > 0.11


@pytest.mark.simulation
def test_repeated_intervals_hold_at_all_looks_at_once():
    rng, trials, missed, levels = np.random.default_rng(0), 1500, 0, sequential_levels(LOOKS)
    for d in rng.normal(0.7, 1, size=(trials, 20)):
        seen = [sequential_test(d[:n], (n,), (level,)) for n, level in zip(LOOKS, levels, strict=True)]
        missed += any(not (one.low <= 0.7 <= one.high) for one in seen)
    assert wilson_interval(missed, trials)[0] < 0.052


def test_it_stops_at_the_first_look_that_is_significant_and_uses_no_later_seed():
    d = [0.1, 1.0, 0.9, 1.1, 1.0, 1.05, -50, -50]
    result = sequential_test(d, (3, 6, 8), (0.0001, 0.02, 0.04))
    expected = paired_difference(d[:6], [0] * 6, level=0.98)
    assert (result.status, result.look, result.n) == ("better", 2, 6)
    assert result.p == pytest.approx(t_test_p(d[:6], [0] * 6))
    assert (result.mean, result.low, result.high) == pytest.approx((expected.mean, expected.low, expected.high))


def test_differences_below_zero_are_worse():
    d = -np.array([1.0, 1.1, 0.9])
    assert sequential_test(d, (3, 5), (0.05, 0.05)).status == "worse"


def test_a_p_value_equal_to_the_level_is_significant_and_one_above_it_is_not():
    d = [1.0, 2.0, 0.5]
    p = t_test_p(d, [0] * 3)
    assert sequential_test(d, (3,), (p,)).status == "better"
    assert sequential_test(d, (3,), (p * 0.999,)).status == "undecided"


def test_before_the_first_look_nothing_is_known():
    assert sequential_test([1.0, 1.0], (3, 5), (0.01, 0.05)) == SequentialResult(
        "undecided", 0, 0, None, None, None, None
    )


def test_between_looks_the_last_look_counts():
    result = sequential_test([1.0, -1.0, 0.5, 9.0], (3, 5), (0.01, 0.05))
    assert (result.status, result.look, result.n) == ("undecided", 1, 3)


def test_with_a_margin_it_stops_as_equivalent_where_the_repeated_interval_lies_within():
    d = [0.01, 0.02, 0.015, 0.012]
    plan = ((4,), (0.05,))
    assert sequential_test(d, *plan).status == "better"
    assert sequential_test(d, *plan, margin=0.1).status == "equivalent"
    assert sequential_test(d, *plan, margin=0.016).status == "better"


def test_equal_differences_need_as_many_seeds_as_their_signs_do():
    levels = (0.05, 0.05)
    assert sequential_test([0.5] * 5, (5, 6), levels) == SequentialResult("undecided", 1, 5, 1 / 16, 0.5, None, None)
    assert sequential_test([0.5] * 6, (5, 6), levels) == SequentialResult("better", 2, 6, 1 / 32, 0.5, 0.5, 0.5)
    assert sequential_test([0.5] * 5, (5,), (0.05,), margin=1.0).status == "undecided"


def test_the_same_function_twice_is_equivalent_at_any_margin_and_else_undecided():
    assert sequential_test([0.0] * 3, (3,), (1e-8,), margin=1e-9).status == "equivalent"
    assert sequential_test([0.0] * 3, (3,), (1.0,)).status == "undecided"


def test_a_level_of_nothing_has_an_endless_interval():
    result = sequential_test([1.0, 1.1], (2,), (0.0,))
    assert (result.status, result.low, result.high) == ("undecided", -math.inf, math.inf)


@pytest.mark.parametrize(
    ("levels", "margin", "message"),
    [((0.1,), None, "1 levels for 2 looks"), ((0.1, 2), None, "a level must"), ((0.1, 0.1), 0, "margin must")],
)
def test_levels_and_margins_that_make_no_sense_are_refused(levels, margin, message):
    with pytest.raises(InputError, match=message):
        sequential_test([1.0], (2, 3), levels, margin)


def test_a_difference_that_is_not_finite_is_refused():
    with pytest.raises(InputError, match="got nan"):
        sequential_test([1.0, float("nan")], (2,), (0.05,))
