"""Claims about arms that a cheaper study chose: by other seeds nothing is added, by the same all arms count."""

import numpy as np
import pytest

from lsbench.statistics import against_baseline, all_pairs, choose, evidence_for, may_be_best, pairs_of, winner_of
from tests.simulations import simulation

CE, ARMS = 0, 12  # the baseline; how many arms the cheap study has


def of_arms(rng, means, seeds, common):
    """Numbers (arms, seeds): what the same seeds show in both studies, or new draws; a bad seed is bad for all arms."""
    own = rng.normal(size=(len(means), seeds))
    mixed = common if common is not None else own
    return means[:, None] + mixed + rng.normal(size=seeds)


def chosen(numbers, top):
    """The best arms of a study, and the baseline."""
    return sorted({CE, *np.argsort(numbers.mean(1), kind="stable")[:top].tolist()})


def is_false(claim, means):
    gap = means[claim.arm] - means[claim.other]
    return (claim.finding == "worse" and gap <= 0) or (claim.finding == "better" and gap >= 0)


def errors(pairs, means, chosen_from):
    """Whether some claim of each family is false, the best arm is left out, the winner is none; and what is shown."""
    against = against_baseline(pairs, CE, chosen_from=chosen_from)
    winner = winner_of(pairs, chosen_from=chosen_from)
    best = min(pairs.arms, key=lambda arm: means[arm])
    return [
        any(is_false(claim, means) for claim in against),
        any(is_false(claim, means) for claim in all_pairs(pairs, chosen_from=chosen_from)),
        best not in may_be_best(pairs, chosen_from=chosen_from),
        winner is not None and any(means[arm] <= means[winner] for arm in pairs.arms if arm != winner),
        any(claim.finding == "better" for claim in against),
    ]


def rates(trials, means, *, same_seeds, counted):
    rng, counts = np.random.default_rng(0), np.zeros(5)
    for _ in range(trials):
        common = rng.normal(size=(len(means), 5)) if same_seeds else None
        arms = chosen(of_arms(rng, means, 5, common), 2)
        costly = of_arms(rng, means, 5, common)
        pairs = pairs_of({arm: dict(enumerate(costly[arm])) for arm in arms})
        counts += errors(pairs, means, len(means) if counted else 0)
    return counts / trials


BY_A_HAIR = np.r_[-1e-9, np.zeros(ARMS - 1)]  # plain cross-entropy is the best of arms that are as good as equal
HALF_WORSE = np.where(np.arange(ARMS) >= ARMS // 2, 1.5, 0.0) + 1e-9 * np.arange(ARMS)
ONE_BETTER = np.r_[np.zeros(ARMS - 1), -2.0]


@pytest.mark.parametrize("means", [BY_A_HAIR, HALF_WORSE, ONE_BETTER], ids=["equal", "half worse", "one better"])
@simulation(short=150, long=4000)
def test_claims_after_a_choice_hold_their_level(trials, means):
    chance = 3.5 * (0.05 * 0.95 / trials) ** 0.5
    for same_seeds in (False, True):
        *false, _ = rates(trials, means, same_seeds=same_seeds, counted=same_seeds)
        assert max(false) <= 0.05 + chance, same_seeds


@simulation(short=150, long=4000)
def test_without_the_count_a_choice_by_the_same_seeds_leaves_out_the_best_too_often(trials):
    *_, best_left_out, _, _ = rates(trials, BY_A_HAIR, same_seeds=True, counted=False)
    assert best_left_out > 0.08


@simulation(short=150, long=4000)
def test_new_seeds_find_more_than_the_same_seeds_do(trials):
    *_, found = rates(trials, ONE_BETTER, same_seeds=False, counted=False)
    *_, found_by_the_same = rates(trials, ONE_BETTER, same_seeds=True, counted=True)
    assert found > found_by_the_same + 0.1


VALUES = {
    "ce": [0.30, 0.31, 0.29, 0.30, 0.32, 0.31],
    "lsr": [0.28, 0.30, 0.28, 0.28, 0.31, 0.29],
    "gce": [0.29, 0.30, 0.30, 0.29, 0.31, 0.30],
}


def test_arms_that_are_not_here_count_as_if_they_had_been_compared_and_shown_nothing():
    values = {arm: dict(enumerate(numbers)) for arm, numbers in VALUES.items()}
    missing = {f"left {i}": {} for i in range(5)}
    ours, all_of_them = pairs_of(values), pairs_of({**values, **missing})
    for family in (lambda pairs, **how: against_baseline(pairs, "ce", **how), all_pairs):
        counted = family(ours, chosen_from=8)
        whole = [claim for claim in family(all_of_them) if claim.arm in values and claim.other in values]
        assert counted == whole
    assert all_pairs(ours, chosen_from=2) == all_pairs(ours)  # of fewer than are here
    by_name = choose(values, better="lower", baseline="ce", chosen_from=8)
    assert (by_name.counted, len(by_name.baseline_claims)) == (8, 2)
    beside = evidence_for(ours, by_name.baseline_claims, chosen_from=8)
    assert beside[0].p_sign_flip is None  # of arms that are not here there is nothing to flip
    assert beside[0].could_be_missed > evidence_for(ours, by_name.baseline_claims)[0].could_be_missed
