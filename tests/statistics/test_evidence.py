import numpy as np
import pytest

from lsbench.statistics import (
    against_baseline,
    all_pairs,
    could_be_missed,
    detectable_effect,
    evidence_for,
    pairs_of,
    seeds_to_find,
    sign_flips,
)


def of(values):
    return pairs_of({arm: dict(enumerate(by_seed)) for arm, by_seed in enumerate(values)})


def test_what_stands_beside_a_claim_is_at_the_level_of_its_family():
    values = np.random.default_rng(0).normal(size=(4, 7))
    pairs = of(values)
    claims = all_pairs(pairs)
    beside = evidence_for(pairs, claims, tolerance=0.1)
    d = values[0] - values[2]
    assert (claims[1].arm, claims[1].other) == (0, 2)
    assert beside[1].seeds_needed == seeds_to_find(d, 0.05 / 6, 0.1)
    assert beside[1].could_be_missed == pytest.approx(0.1 + d.std(ddof=1) * detectable_effect(7, 0.05 / 6))


def test_sign_flips_are_those_of_the_whole_family_and_of_a_difference_beyond_the_tolerance():
    values = np.random.default_rng(1).normal([[0], [2], [2]], 1, (3, 7))
    pairs = of(values)
    claims = against_baseline(pairs, 0)
    d = values[1:] - values[0]
    assert [one.p_sign_flip for one in evidence_for(pairs, claims)] == sign_flips(d).tolist()
    moved = [one.p_sign_flip for one in evidence_for(pairs, claims, tolerance=1.0)]
    assert moved == sign_flips(d - np.sign(d.mean(1, keepdims=True))).tolist()
    assert {one.p_sign_flip for one in evidence_for(pairs, claims, tolerance=50.0)} == {1.0}


def test_unequal_seeds_and_fewer_than_six_have_no_sign_flips():
    unequal = pairs_of({"a": dict(enumerate(range(8))), "b": dict(enumerate(range(1, 8)))})
    for pairs in (unequal, of(np.random.default_rng(2).normal(size=(3, 5)))):
        assert {one.p_sign_flip for one in evidence_for(pairs, all_pairs(pairs))} == {None}


def test_what_is_undecided_says_how_many_seeds_and_what_could_be_missed():
    pairs = of(np.random.default_rng(3).normal(size=(6, 3)))
    claims = all_pairs(pairs)
    beside = evidence_for(pairs, claims)
    assert {claim.finding for claim in claims} == {"undecided"}
    assert all(one.seeds_needed is not None for one in beside)
    assert could_be_missed(claims, beside)[1] == max(one.could_be_missed for one in beside)


def test_identical_runs_and_single_seeds_need_nothing_and_miss_nothing_that_is_known():
    for values in ([[0.1] * 3] * 2, [[0.1], [0.2]]):
        pairs = of(values)
        (one,) = evidence_for(pairs, all_pairs(pairs))
        assert (one.seeds_needed, one.could_be_missed, one.far_seeds) == (None, None, 0)


def test_a_seed_far_from_the_others_is_counted():
    pairs = of([[0.10, 0.11, 0.12, 0.11, 0.10, 0.9], [0.1, 0.12, 0.11, 0.1, 0.11, 0.1]])
    assert evidence_for(pairs, all_pairs(pairs))[0].far_seeds == 1
