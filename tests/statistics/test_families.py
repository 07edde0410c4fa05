import numpy as np
import pytest

from lsbench.statistics import (
    against_baseline,
    all_pairs,
    leader_of,
    may_be_best,
    pairs_of,
    under_every_rule,
    winner_of,
)
from tests.simulations import simulation

KINDS = ("normal", "fivefold", "heavy", "collapsed")


def of(**arms):
    return pairs_of({arm: dict(enumerate(values)) for arm, values in arms.items()})


def findings(claims):
    return {(claim.arm, claim.other): claim.finding for claim in claims}


CE = [0.30, 0.31, 0.29, 0.30, 0.32, 0.30, 0.31, 0.28, 0.30, 0.31]
LSR = [0.28, 0.30, 0.28, 0.28, 0.31, 0.28, 0.30, 0.26, 0.29, 0.29]


def test_an_arm_with_few_seeds_changes_nothing_between_two_others():
    two = pairs_of({"ce": dict(enumerate(CE)), "lsr": dict(enumerate(LSR))})
    three = pairs_of({"ce": dict(enumerate(CE)), "lsr": dict(enumerate(LSR)), "bad": {1: 0.5, 4: 0.6}})
    assert leader_of(two) == leader_of(three) == "lsr"
    (alone,), (beside, _) = against_baseline(two, "ce"), against_baseline(three, "ce")
    assert (alone.finding, beside.finding) == ("better", "better")
    assert (alone.difference.mean, alone.p) == (beside.difference.mean, beside.p)


def test_an_arm_with_few_lucky_seeds_does_not_lead():
    pairs = pairs_of({"ce": dict(enumerate(CE)), "lsr": dict(enumerate(LSR)), "lucky": {0: 0.1, 1: 0.1}})
    assert leader_of(pairs) == "lsr"
    assert "lucky" in may_be_best(pairs)


def test_of_arms_with_unequal_seeds_the_one_ahead_over_shared_seeds_leads():
    easy_seeds = {0: 0.30, 1: 0.30, 2: 0.30, 3: 0.1, 4: 0.1}
    pairs = pairs_of({"a": easy_seeds, "b": {0: 0.29, 1: 0.29, 2: 0.28}})
    assert leader_of(pairs) == "b"  # although the mean of a over its own seeds is lower


def test_the_first_of_equals_leads_and_all_may_be_best():
    pairs = of(a=[0.1, 0.2], b=[0.1, 0.2], c=[0.1, 0.2])
    assert leader_of(pairs) == "a"
    assert may_be_best(pairs) == ("a", "b", "c")
    assert winner_of(pairs) is None
    assert set(findings(all_pairs(pairs)).values()) == {"equivalent"}  # the same function


def test_identical_runs_and_single_seeds_are_never_certain():
    pairs = of(a=[0.1], b=[0.9])
    (claim,) = all_pairs(pairs)
    assert (claim.finding, claim.p, claim.p_adjusted, claim.difference.low) == ("undecided", None, 1.0, None)
    assert may_be_best(pairs) == ("a", "b")
    (claim,) = all_pairs(of(a=[0.1] * 5, b=[0.9] * 5))
    assert (claim.finding, claim.p, claim.effect) == ("undecided", 2**-4, None)


def test_a_difference_within_the_tolerance_is_not_worse_and_one_beyond_it_is():
    rng = np.random.default_rng(0)
    base = rng.normal(0, 0.001, 10)
    pairs = of(a=base, b=base + rng.normal(0.01, 0.001, 10), c=base + rng.normal(0.1, 0.001, 10))
    assert findings(against_baseline(pairs, "a", tolerance=0.02)) == {("b", "a"): "equivalent", ("c", "a"): "worse"}
    assert may_be_best(pairs, tolerance=0.02) == ("a", "b")
    assert winner_of(pairs, tolerance=0.02) is None
    assert winner_of(pairs) == "a"


def test_an_interval_never_contradicts_its_claim():
    rng = np.random.default_rng(1)
    for _ in range(200):
        pairs = pairs_of({i: dict(enumerate(rng.normal(i / 2, 1, 6))) for i in range(5)})
        for claim in (*all_pairs(pairs, tolerance=0.1), *against_baseline(pairs, 2, tolerance=0.1)):
            gap = claim.difference
            assert (claim.finding == "worse") == (gap.low >= 0.1)
            assert (claim.finding == "better") == (gap.high <= -0.1)
            assert claim.finding in ("worse", "better") or claim.p_adjusted > 0.05


def test_no_arm_and_one_arm_claim_nothing():
    assert may_be_best(pairs_of({})) == ()
    assert all_pairs(pairs_of({})) == []
    one = of(a=[0.1, 0.2])
    assert (may_be_best(one), winner_of(one), all_pairs(one), against_baseline(one, "a")) == (("a",), None, [], [])


def test_what_holds_under_every_rule_has_the_largest_p():
    p = [[0.001, 0.2], [0.02, 0.01]]
    assert under_every_rule(p) == pytest.approx([0.04, 0.2])


def draws(rng, arms, seeds, kind):
    """Numbers of arms with equal means, (arms, seeds); a bad seed is bad for all."""
    own = rng.standard_t(3, (arms, seeds)) / 3**0.5 if kind == "heavy" else rng.normal(size=(arms, seeds))
    if kind == "fivefold":
        own[: max(1, arms // 4)] *= 5
    if kind == "collapsed":
        own += 8.0 * (rng.random((arms, seeds)) < 0.1)
    return own + rng.normal(size=seeds)


def is_false(claim, means):
    gap = means[claim.arm] - means[claim.other]
    return (claim.finding == "worse" and gap <= 0) or (claim.finding == "better" and gap >= 0)


def is_right(claim, means):
    gap = claim.difference
    return gap.low is None or gap.low <= means[claim.arm] - means[claim.other] <= gap.high


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("half_worse", [False, True])
@pytest.mark.parametrize(("arms", "seeds"), [(2, 3), (3, 5), (6, 5), (19, 3), (25, 5), (12, 10)])
@simulation(short=40, long=2000)
def test_families_hold_their_level(trials, arms, seeds, half_worse, kind):
    rng, counts = np.random.default_rng([arms, seeds]), np.zeros(6)
    means = np.where(np.arange(arms) >= (arms + 1) // 2, 1.5 * half_worse, 0.0)
    for _ in range(trials):
        values = draws(rng, arms, seeds, kind) + means[:, None]
        pairs = pairs_of({i: dict(enumerate(of_arm)) for i, of_arm in enumerate(values)})
        families, winner = (against_baseline(pairs, 0), all_pairs(pairs)), winner_of(pairs)
        counts += [
            *(any(is_false(claim, means) for claim in family) for family in families),
            0 not in may_be_best(pairs),
            winner is not None and (np.delete(means, winner) <= means[winner]).any(),
            *(not all(is_right(claim, means) for claim in family) for family in families),
        ]
    chance = 3.5 * (0.05 * 0.95 / trials) ** 0.5  # of the simulation
    false_baseline, false_pairs, best_left_out, false_winner, *wrong_intervals = counts / trials
    assert max(false_baseline, false_pairs, best_left_out, false_winner) <= 0.05 + chance
    assert max(wrong_intervals) <= 0.07 + chance


@simulation(short=80, long=2000)
def test_claims_about_picks_hold_their_level_where_each_seed_picks_the_best_of_three_on_held_out_examples(trials):
    """Each arm has the same three combinations, so that its picks are as good as those of any other arm."""
    rng, counts = np.random.default_rng(0), np.zeros(3)
    for _ in range(trials):
        run, held_out, tested = rng.normal(0, 0.5**0.5, (3, 6, 5, 3))  # 6 arms, 5 seeds
        worth = run + np.array([0, 0.5, 1])
        picks = (worth + held_out).argmin(-1)[..., None]
        numbers = np.take_along_axis(worth + tested, picks, -1)[..., 0]
        pairs = pairs_of({i: dict(enumerate(by_seed)) for i, by_seed in enumerate(numbers)})
        families = (against_baseline(pairs, 0), all_pairs(pairs))
        counts += [
            *(any(claim.finding != "undecided" for claim in one) for one in families),
            winner_of(pairs) is not None,
        ]
    assert max(counts / trials) <= 0.05 + 3.5 * (0.05 * 0.95 / trials) ** 0.5


@pytest.mark.parametrize(("arms", "seeds"), [(3, 5), (6, 10), (12, 5)])
@simulation(short=80, long=2000)
def test_a_claim_beyond_the_tolerance_is_false_in_at_most_5_percent_where_all_lie_at_the_tolerance(trials, arms, seeds):
    rng, false = np.random.default_rng(arms), 0
    for _ in range(trials):
        values = draws(rng, arms, seeds, "normal")
        values[1:] += 2.0
        pairs = pairs_of({i: dict(enumerate(of_arm)) for i, of_arm in enumerate(values)})
        false += any(claim.finding == "worse" for claim in against_baseline(pairs, 0, tolerance=2.0))
    assert false / trials <= 0.05 + 3.5 * (0.05 * 0.95 / trials) ** 0.5


@pytest.mark.parametrize("arms", [2, 6])
@simulation(short=150, long=5000)
def test_joint_intervals_hold_where_all_lie_just_within_the_tolerance(trials, arms):
    """There a claim beyond it is false, and its interval, cut at the tolerance, is wrong with it."""
    rng, wrong, means = np.random.default_rng(arms), 0, np.where(np.arange(arms) > 0, 1.999, 0.0)
    for _ in range(trials):
        values = rng.normal(size=(arms, 5)) + means[:, None]
        pairs = pairs_of({i: dict(enumerate(by_seed)) for i, by_seed in enumerate(values)})
        wrong += not all(is_right(claim, means) for claim in against_baseline(pairs, 0, tolerance=2.0))
    assert wrong / trials <= 0.05 + 3.5 * (0.05 * 0.95 / trials) ** 0.5


@simulation(short=80, long=2000)
def test_wins_under_every_rule_are_false_in_at_most_5_percent(trials):
    rng, false, arms = np.random.default_rng(0), 0, 6
    upper = np.triu_indices(arms, 1)
    for _ in range(trials):
        seeds = rng.normal(size=(arms, 5))
        rules = [seeds + rng.normal(0, 0.3, (arms, 5)) for _ in range(4)]
        p = [
            pairs_of({i: dict(enumerate(of_arm)) for i, of_arm in enumerate(rule)}).p_beyond()[upper] for rule in rules
        ]
        false += min(under_every_rule(p)) <= 0.05
    assert false / trials <= 0.05 + 3.5 * (0.05 * 0.95 / trials) ** 0.5
