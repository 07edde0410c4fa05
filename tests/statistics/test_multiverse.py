import numpy as np
import pytest

from lsbench.errors import InputError
from lsbench.statistics import all_pairs, compare_under_rules, pairs_of
from tests.simulations import simulation


def table(values):
    return {arm: dict(enumerate(by_seed)) for arm, by_seed in enumerate(values)}


def draws(rng, rules, arms, seeds, means=0.0):
    """Rules see the same runs, each with some noise of its own."""
    runs = rng.normal(size=(arms, seeds)) + np.reshape(means, (-1, 1))
    return {rule: table(runs + rng.normal(0, 0.3, (arms, seeds))) for rule in range(rules)}


def test_one_rule_is_the_family_of_all_pairs():
    values = draws(np.random.default_rng(0), 1, 4, 6, [0, 1, 2, 4])
    claims = {(one.arm, one.other): one for one in compare_under_rules(values)}
    for claim in all_pairs(pairs_of(values[0])):
        every = claims[claim.arm, claim.other]
        assert every.better_under_every_rule == (claim.finding == "better")
        assert claims[claim.other, claim.arm].better_under_every_rule == (claim.finding == "worse")
        assert every.better_under == ((0,) if claim.finding == "better" else ())


def test_a_rule_by_which_the_other_is_ahead_forbids_every_rule():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=8), rng.normal(3, 1, 8)
    first, second = compare_under_rules({"last": table([a, b]), "best": table([b, a])})
    assert not first.better_under_every_rule
    assert not second.better_under_every_rule
    assert (first.better_under, first.worse_under) == (("last",), ("best",))
    assert (first.p_every_rule, second.p_every_rule) == (1, 1)


def test_one_seed_shows_nothing_under_any_rule_and_one_arm_has_no_claim():
    claims = compare_under_rules({"last": table([[0.1], [0.2]]), "best": table([[0.1], [0.3]])})
    assert [(one.better_under_every_rule, one.better_under) for one in claims] == [(False, ())] * 2
    assert compare_under_rules({"last": table([[0.1, 0.2]])}) == []


def test_arms_that_were_chosen_by_the_same_numbers_count_the_pairs_of_all():
    values = draws(np.random.default_rng(3), 2, 3, 8, [0, 1, 3])
    alone, counted = compare_under_rules(values), compare_under_rules(values, chosen_from=12)
    p, least = [one.p_every_rule for one in alone], min(one.p_every_rule for one in alone)
    assert min(one.p_every_rule for one in counted) == pytest.approx(least / 3 * 66)
    assert all(ours.p_every_rule >= single for ours, single in zip(counted, p, strict=True))
    assert all(set(ours.better_under) <= set(one.better_under) for ours, one in zip(counted, alone, strict=True))


def test_rules_must_have_the_same_arms():
    with pytest.raises(InputError, match="same arms"):
        compare_under_rules({"last": {"ce": {0: 0.1}}, "best": {"lsr": {0: 0.1}}})


@pytest.mark.parametrize("arms", [2, 6, 12])
@simulation(short=150, long=5000)
def test_equal_arms_have_a_false_claim_of_either_kind_in_at_most_5_percent(trials, arms):
    rng, every, listed = np.random.default_rng(arms), 0, 0
    for _ in range(trials):
        claims = compare_under_rules(draws(rng, 5, arms, 5))
        every += any(one.better_under_every_rule for one in claims)
        listed += any(one.better_under for one in claims)
    assert max(every, listed) / trials <= 0.05 + 3.5 * (0.05 * 0.95 / trials) ** 0.5
