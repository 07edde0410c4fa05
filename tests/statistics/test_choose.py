import numpy as np
import pytest

from lsbench.errors import InputError
from lsbench.statistics import (
    against_baseline,
    all_pairs,
    choose,
    holm,
    may_be_best,
    pairs_of,
    power,
    seeds_to_find,
    sign_flips,
    t_test_p,
    wilson_interval,
)
from tests.in_turn import in_turn
from tests.simulations import simulation

BAD = [0.90, 0.91, 0.92, 0.93, 0.95]
GOOD = [0.97, 0.98, 0.98, 0.99, 0.99]
NOISY = [0.99, 0.92, 0.98, 0.99, 0.97]


def arms(**values):
    return {arm: dict(enumerate(of)) for arm, of in values.items()}


def found(choice):
    return {claim.arm: claim.finding for claim in choice.baseline_claims}


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


def test_an_arm_that_beats_every_other_wins_and_alone_may_be_best():
    choice = choose(arms(bad=BAD, good=GOOD), better="higher", baseline="bad")
    assert (choice.leader, choice.winner, choice.may_be_best, choice.on) == ("good", "good", ("good",), "this test set")
    assert found(choice) == {"good": "better"}


def test_lower_and_zero_turn_the_verdict_round():
    values = arms(bad=BAD, good=GOOD)
    assert choose(values, better="lower").winner == "bad"
    below = arms(off=[-0.3, -0.31, -0.29], near=[-0.1, 0.1, -0.09])
    assert choose(below, better="zero").winner == "near"
    assert choose(below, better="lower").leader == "off"
    (claim,) = choose(below, better="zero", baseline="near").baseline_claims
    assert (claim.finding, claim.difference.mean) == ("worse", pytest.approx(0.3 - 0.29 / 3))


@in_turn("better", ["higher", "lower"])
def test_claims_are_those_of_the_families_in_the_values_own_unit(better):
    values, sign = arms(good=GOOD, bad=BAD, noisy=NOISY), -1 if better == "higher" else 1
    choice = choose(values, better=better, baseline="good", tolerance=0.001)
    pairs = pairs_of({arm: {seed: sign * one for seed, one in seeds.items()} for arm, seeds in values.items()})
    for claims, family in (
        (choice.baseline_claims, against_baseline(pairs, "good", tolerance=0.001)),
        (choice.pair_claims, all_pairs(pairs, tolerance=0.001)),
    ):
        assert [(one.arm, one.other, one.finding, one.p_adjusted) for one in claims] == [
            (one.arm, one.other, one.finding, one.p_adjusted) for one in family
        ]
        for one in claims:
            gaps = np.subtract(*(list(values[arm].values()) for arm in (one.arm, one.other)))
            assert one.difference.mean == pytest.approx(gaps.mean())
            assert one.effect == pytest.approx(gaps.mean() / gaps.std(ddof=1))
            assert one.difference.low < one.difference.mean < one.difference.high
    assert choice.may_be_best == may_be_best(pairs, tolerance=0.001)


def test_p_values_are_students_adjusted_by_holm():
    bad, noisy = choose(arms(good=GOOD, bad=BAD, noisy=NOISY), better="higher", baseline="good").baseline_claims
    plain = [t_test_p(BAD, GOOD), t_test_p(NOISY, GOOD)]
    assert [bad.p, noisy.p] == pytest.approx(plain)
    assert [bad.p_adjusted, noisy.p_adjusted] == pytest.approx(holm(plain))


def test_against_the_leader_is_what_all_pairs_show_turned_to_it():
    choice = choose(arms(bad=BAD, good=GOOD, noisy=NOISY), better="higher")
    assert choice.leader == "good"
    against = choice.against_leader
    assert set(against) == {"bad", "noisy"}
    for arm, claim in against.items():
        assert (claim.arm, claim.other) == (arm, "good")
        assert claim.difference.mean < 0
        assert claim.difference.low < claim.difference.high
        (same,) = [one for one in choice.pair_claims if {one.arm, one.other} == {arm, "good"}]
        assert (claim.p, claim.p_adjusted) == (same.p, same.p_adjusted)
    assert against["bad"].finding == "worse"


def test_beside_the_claims_stand_seeds_to_decide_and_sign_flips_at_the_familys_level():
    rng = np.random.default_rng(0)
    base = rng.normal(0.9, 0.01, 8)
    values = arms(ce=base, a=base + rng.normal(0.002, 0.004, 8), b=base + rng.normal(0, 0.01, 8))
    choice = choose(values, better="higher", baseline="ce")
    gaps = np.stack([np.array(list(values[arm].values())) - base for arm in ("a", "b")])
    assert [one.p_sign_flip for one in choice.evidence.values()] == pytest.approx(sign_flips(gaps).tolist())
    assert choice.evidence["a"].seeds_needed == seeds_to_find(gaps[0], 0.05 / 2)
    assert choice.could_be_missed[0] in ("a", "b")


def test_the_same_function_twice_is_equivalent_without_any_tolerance():
    choice = choose(arms(ce=BAD, lsr=GOOD, fused=GOOD), better="higher", baseline="lsr")
    assert choice.leader == "lsr"
    assert found(choice) == {"ce": "worse", "fused": "equivalent"}
    assert choice.may_be_best == ("lsr", "fused")
    assert choice.winner is None


def test_an_arm_with_few_bad_seeds_changes_nothing_between_two_others():
    ten = {"ce": dict(enumerate(BAD + BAD[::-1])), "lsr": dict(enumerate(GOOD + GOOD[::-1]))}
    few = ten | {"few": {0: 0.1, 1: 0.2}}
    two, three = (choose(values, better="higher", baseline="ce") for values in (ten, few))
    assert two.leader == three.leader == "lsr"
    assert three.against_baseline["lsr"].finding == "better"
    assert three.against_baseline["lsr"].p == two.against_baseline["lsr"].p


def test_one_shared_seed_decides_nothing():
    choice = choose(arms(a=[0.9], b=[0.1]), better="higher", baseline="a")
    (claim,) = choice.baseline_claims
    assert (choice.leader, choice.winner, choice.may_be_best) == ("a", None, ("a", "b"))
    assert (claim.finding, claim.p, claim.difference.low) == ("undecided", None, None)


def test_lost_arms_neither_lead_nor_are_worse_and_nobody_wins_beside_them():
    values = arms(good=GOOD, bad=BAD, lost=[0.999] * 3)
    choice = choose(values, better="higher", baseline="bad", lost=["lost"])
    assert (choice.leader, choice.winner, choice.lost) == ("good", None, ("lost",))
    assert found(choice) == {"good": "better", "lost": "undecided"}
    assert "lost" not in choice.may_be_best
    alone = choose(arms(good=GOOD, bad=BAD), better="higher", baseline="bad")
    assert choice.against_baseline["good"].p_adjusted == pytest.approx(2 * alone.against_baseline["good"].p_adjusted)


def test_where_all_are_lost_nothing_is_chosen_and_all_are_listed():
    choice = choose(arms(a=GOOD, b=BAD), better="higher", lost=["a", "b"])
    assert (choice.leader, choice.winner, choice.may_be_best, choice.lost) == (None, None, (), ("a", "b"))


def test_a_baseline_that_is_not_there_has_no_family():
    choice = choose(arms(a=GOOD, b=BAD), better="higher", baseline="ce")
    assert (choice.baseline, choice.baseline_claims, choice.could_be_missed) == (None, (), None)


def test_with_test_examples_of_every_arm_the_claims_are_about_new_ones():
    rng = np.random.default_rng(1)
    shared = rng.normal(0, 1, 400)
    examples = {
        "a": {seed: shared + rng.normal(0.1, 0.1, 400) for seed in range(5)},
        "b": {seed: -shared + rng.normal(0, 0.1, 400) for seed in range(5)},
    }
    values = {arm: {seed: float(one.mean()) for seed, one in of_arm.items()} for arm, of_arm in examples.items()}
    here = choose(values, better="higher", baseline="b")
    anywhere = choose(values, better="higher", baseline="b", examples=examples)
    assert (here.on, anywhere.on) == ("this test set", "new examples")
    assert here.baseline_claims[0].difference.mean == pytest.approx(anywhere.baseline_claims[0].difference.mean)
    assert anywhere.baseline_claims[0].finding == "undecided"
    assert anywhere.baseline_claims[0].difference.high > here.baseline_claims[0].difference.high
    some = choose(values, better="higher", baseline="b", examples={"a": examples["a"]})
    assert some.on == "this test set"


def test_where_no_seed_is_shared_nothing_is_chosen():
    assert choose({}, better="higher") is None
    assert choose({"a": {}}, better="higher") is None
    assert choose({"a": {0: 1.0}, "b": {1: 1.0}}, better="higher") is None


@in_turn("value", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_are_refused_with_arm_and_seed(value):
    with pytest.raises(InputError, match=f"got {value} for b at seed 11"):
        choose({"a": {11: 1.0}, "b": {11: value}}, better="higher")


@in_turn("options", [{"better": "bigger"}, {"tolerance": -0.1}, {"level": 1}])
def test_options_that_make_no_sense_are_refused(options):
    with pytest.raises(InputError, match=f"{next(iter(options))} must"):
        choose(arms(a=GOOD), **({"better": "higher"} | options))


@in_turn("better", ["higher", "lower"])
def test_how_far_an_arm_lies_behind_the_leader_has_the_joint_interval_of_all_pairs(better):
    choice = choose(arms(bad=BAD, good=GOOD, noisy=NOISY), better=better)
    for arm, claim in choice.against_leader.items():
        gap = choice.behind_leader(arm)
        assert (gap.mean, gap.n) == pytest.approx((claim.difference.mean, claim.difference.n))
        if claim.finding == "undecided":  # Holm shows no more than the interval
            assert (gap.low, gap.high) == pytest.approx((claim.difference.low, claim.difference.high))
        assert gap.low < gap.mean < gap.high
    assert "undecided" in {claim.finding for claim in choice.against_leader.values()}
    assert choice.behind_leader(choice.leader) is None


def test_ties_of_runs_that_differ_are_no_proof_of_equality_and_other_pairs_keep_their_claims():
    values = {"ce": {0: 0.9, 1: 0.8, 2: 0.85}, "lsr": {0: 0.9, 1: 0.8, 2: 0.85}, "gce": {0: 0.95, 1: 0.91, 2: 0.92}}
    proved = choose(values, better="higher", baseline="ce", tolerance=0.1)
    tied = choose(values, better="higher", baseline="ce", tolerance=0.1, ties=[("lsr", "ce"), ("ce", "gce")])
    assert [claim.finding for claim in proved.baseline_claims] == ["equivalent", "undecided"]
    assert [claim.finding for claim in tied.baseline_claims] == ["undecided", "undecided"]
    assert tied.baseline_claims[0].difference.low is None
    assert tied.baseline_claims[1] == proved.baseline_claims[1]
    assert tied.pairs.among(["ce", "lsr"]).ties.tolist() == [[False, True], [True, False]]
