import numpy as np
import pytest

from lsbench.errors import InputError
from lsbench.statistics import (
    choose,
    effect_size,
    holm,
    paired_difference,
    power,
    seeds_needed,
    sign_flip_p,
    t_test_p,
    wilson_interval,
)
from tests.simulations import simulation

BAD = [0.90, 0.91, 0.92, 0.93, 0.95]
GOOD = [0.97, 0.98, 0.98, 0.99, 0.99]
NOISY = [0.99, 0.92, 0.98, 0.99, 0.97]


def arms(**values):
    return {arm: dict(enumerate(of)) for arm, of in values.items()}


def status(choice):
    return {one.arm: one.status for one in choice.comparisons}


@pytest.mark.parametrize("k", [2, 3, 7])
@simulation(short=1500, long=20_000)
def test_equal_arms_have_a_false_winner_in_at_most_5_percent(trials, k):
    rng, wrong = np.random.default_rng(k), 0
    for _ in range(trials):
        values = rng.normal(size=(k, 5)) + 3 * rng.normal(size=5)  # a good seed is good for every arm
        wrong += choose(arms(**{str(i): of for i, of in enumerate(values)}), better="higher").winner is not None
    low, high = wilson_interval(wrong, trials)
    assert low <= 0.05
    assert high < 0.075
    assert k != 2 or high > 0.04  # two arms use the level up


@pytest.mark.parametrize("n", [2, 3])
@simulation(short=1500, long=20_000)
def test_coarse_numbers_of_few_seeds_have_no_more_false_winners(trials, n):
    rng, wrong = np.random.default_rng(n), 0
    for values in rng.binomial(100, 0.97, size=(trials, 2, n)) / 100:
        wrong += choose(arms(a=values[0], b=values[1]), better="higher").winner is not None
    assert wilson_interval(wrong, trials)[1] < 0.05


@pytest.mark.parametrize("n", [5, 10])
@simulation(short=2000, long=20_000)
def test_a_true_difference_of_one_sd_is_found_as_often_as_power_says(trials, n):
    rng, found = np.random.default_rng(n), 0
    for _ in range(trials):
        base = 3 * rng.normal(size=n)
        found += choose(arms(a=base + rng.normal(1, 1, n), b=base), better="higher").winner == "a"
    assert found / trials == pytest.approx(power(1, n), abs=4 * (0.25 / trials) ** 0.5)


def test_an_arm_that_beats_every_other_wins():
    choice = choose(arms(bad=BAD, good=GOOD), better="higher")
    assert (choice.leader, choice.winner, choice.acceptable, choice.shared_seeds) == ("good", "good", ("good",), 5)
    assert status(choice) == {"bad": "worse"}


def test_lower_and_zero_turn_the_verdict_round():
    values = arms(bad=BAD, good=GOOD)
    assert choose(values, better="lower").winner == "bad"
    below = arms(off=[-0.3, -0.31, -0.29], near=[-0.1, 0.1, -0.09])
    assert choose(below, better="zero").winner == "near"
    assert choose(below, better="lower").leader == "off"
    assert choose(below, better="zero").comparisons[0].difference.mean == pytest.approx(0.3 - 0.29 / 3)


def test_a_comparison_holds_the_statistics_of_arm_minus_leader():
    choice = choose(arms(good=GOOD, bad=BAD, noisy=NOISY), better="higher")
    bad, noisy = choice.comparisons
    assert bad.difference == paired_difference(BAD, GOOD)
    assert bad.effect_size == effect_size(BAD, GOOD)
    assert bad.p_sign_flip == sign_flip_p(BAD, GOOD)
    assert [bad.p_holm, noisy.p_holm] == pytest.approx(holm([t_test_p(BAD, GOOD), t_test_p(NOISY, GOOD)]))
    assert bad.seeds_needed is None
    assert noisy.status == "undecided"
    assert noisy.seeds_needed == seeds_needed(effect_size(NOISY, GOOD))
    assert choice.acceptable == ("good", "noisy")
    assert choice.winner is None


def test_seeds_needed_with_a_tolerance_counts_from_its_nearer_end():
    one = choose(arms(good=GOOD, noisy=NOISY), better="higher", tolerance=0.02).comparisons[0]
    gaps = np.subtract(NOISY, GOOD)
    assert one.status == "undecided"
    assert one.seeds_needed == seeds_needed((abs(gaps.mean()) - 0.02) / gaps.std(ddof=1))


@pytest.mark.parametrize(
    ("tolerance", "expected"), [(0.0, "worse"), (0.039, "worse"), (0.05, "undecided"), (0.079, "equivalent")]
)
@pytest.mark.parametrize("better", ["higher", "lower"])
def test_the_tolerance_decides_between_worse_undecided_and_equivalent(better, tolerance, expected):
    best, other = (GOOD, BAD) if better == "higher" else (BAD, GOOD)
    found = paired_difference(BAD, GOOD)
    assert (found.low, found.high) == pytest.approx((-0.0752, -0.0448), abs=1e-4)
    choice = choose(arms(best=best, other=other), better=better, tolerance=tolerance)
    assert status(choice) == {"other": expected}


def test_the_same_function_twice_is_equivalent_without_any_tolerance():
    choice = choose(arms(ce=BAD, lsr=GOOD, fused=GOOD), better="higher")
    assert choice.leader == "lsr"
    assert status(choice) == {"ce": "worse", "fused": "equivalent"}
    assert choice.acceptable == ("lsr", "fused")
    assert choice.winner is None
    assert choice.comparisons[1].p_holm == 1
    assert choice.comparisons[1].seeds_needed is None


def test_arms_that_differ_in_their_last_bits_are_the_same():
    choice = choose(arms(a=GOOD, b=[x * (1 + 1e-15) for x in GOOD]), better="lower")
    assert status(choice) == {"b": "equivalent"}


@pytest.mark.parametrize(("n", "expected"), [(2, "undecided"), (5, "undecided"), (6, "worse")])
def test_equal_differences_decide_by_their_number(n, expected):
    values = np.linspace(0.5, 0.9, n)
    one = choose(arms(a=values, b=values - 0.1), better="higher").comparisons[0]
    assert one.status == expected
    assert one.p_holm == one.p_sign_flip == 2.0 ** (1 - n)
    assert one.seeds_needed == (6 if expected == "undecided" else None)


def test_ties_go_to_the_first_arm():
    assert choose(arms(b=GOOD, a=GOOD), better="higher").leader == "b"


def test_the_leader_is_found_over_the_seeds_that_all_arms_share():
    values = {"a": {0: 0.5, 1: 0.5, 7: 9.0}, "b": {0: 0.6, 1: 0.7}, "none": {}}
    choice = choose(values, better="higher")
    assert (choice.leader, choice.shared_seeds) == ("b", 2)


def test_each_arm_is_compared_over_all_the_seeds_it_shares_with_the_leader():
    values = arms(good=GOOD, bad=BAD) | {"short": {0: 0.8, 1: 0.8}}
    assert [one.difference.n for one in choose(values, better="higher").comparisons] == [5, 2]


def test_an_arm_better_than_the_leader_over_more_seeds_is_not_worse_and_needs_no_more_seeds():
    values = arms(a=[1, 0, 0, 0.1, 0, 0.1], b=[0, 5, 6, 5, 6, 5]) | {"short": {0: 0.5}}
    choice = choose(values, better="higher", tolerance=0.001)
    assert choice.leader == "a"
    assert choice.winner is None
    b = choice.comparisons[0]
    assert (b.status, b.difference.low > 0, b.seeds_needed) == ("undecided", True, None)


def test_one_shared_seed_decides_nothing():
    choice = choose(arms(a=[0.9], b=[0.1]), better="higher")
    one = choice.comparisons[0]
    assert (choice.leader, choice.winner, choice.acceptable) == ("a", None, ("a", "b"))
    assert (one.status, one.p_holm, one.p_sign_flip, one.seeds_needed, one.difference.low) == (
        *("undecided", None, 1, None),
        None,
    )


def test_an_arm_without_a_number_is_undecided_and_prevents_a_winner():
    choice = choose(arms(good=GOOD, bad=BAD, lost=[]), better="higher")
    lost = choice.comparisons[1]
    assert (lost.status, lost.difference, lost.p_holm, lost.p_sign_flip, lost.effect_size) == (
        *("undecided", None, None, None),
        None,
    )
    assert choice.winner is None
    assert choice.acceptable == ("good", "lost")


def test_a_leader_found_over_one_seed_wins_nothing_though_all_are_worse():
    values = {
        "a": dict.fromkeys(range(6), 0.9),
        "b": {0: 0.1, 1: 0.11, 2: 0.12},
        "c": {0: 0.1, 3: 0.11, 4: 0.12},
    }
    choice = choose(values, better="higher")
    assert (status(choice), choice.shared_seeds) == ({"b": "worse", "c": "worse"}, 1)
    assert (choice.leader, choice.winner, choice.acceptable) == ("a", None, ("a",))


def test_where_no_seed_is_shared_nothing_is_chosen():
    assert choose({}, better="higher") is None
    assert choose({"a": {}}, better="higher") is None
    assert choose({"a": {0: 1.0}, "b": {1: 1.0}}, better="higher") is None


def test_a_lone_arm_leads_and_wins_nothing():
    choice = choose(arms(a=GOOD), better="higher")
    assert (choice.leader, choice.winner, choice.acceptable, choice.comparisons) == ("a", None, ("a",), ())


@pytest.mark.parametrize("level", [0.9, 0.999])
def test_the_level_is_that_of_the_intervals(level):
    one = choose(arms(a=GOOD, b=NOISY), better="higher", level=level).comparisons[0]
    expected = paired_difference(NOISY, GOOD, level)
    assert (one.difference.low, one.difference.high) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_are_refused_with_arm_and_seed(value):
    with pytest.raises(InputError, match=f"got {value} for b at seed 11"):
        choose({"a": {11: 1.0}, "b": {11: value}}, better="higher")


@pytest.mark.parametrize("options", [{"better": "bigger"}, {"tolerance": -0.1}, {"level": 1}])
def test_options_that_make_no_sense_are_refused(options):
    with pytest.raises(InputError, match=f"{next(iter(options))} must"):
        choose(arms(a=GOOD), **({"better": "higher"} | options))
