import itertools

import numpy as np

from lsbench.statistics import common_basis, leader_of, pairs_of, winner_of
from lsbench.statistics.basis import largest_part


def at(seeds, value=0.1):
    return dict.fromkeys(seeds, value)


def test_an_arm_with_two_seeds_is_not_in_the_basis_and_takes_no_seed_from_it():
    basis = common_basis(pairs_of({"ce": at(range(10)), "lsr": at(range(10)), "bad": at({1, 4}, 0.9)}))
    assert (basis.arms, basis.n, basis.too_few) == (("ce", "lsr"), 10, ("bad",))


def test_one_missing_seed_costs_that_seed_not_the_arm():
    tables = {"ce": at(range(10)), **{arm: at(range(9)) for arm in "abc"}}
    basis = common_basis(pairs_of(tables))
    assert (len(basis.arms), basis.n, basis.too_few) == (4, 9, ())


def test_of_two_arms_the_one_with_few_seeds_may_lead_as_there_is_no_other_comparison():
    rng = np.random.default_rng(0)
    pairs = pairs_of({"ce": dict(enumerate(rng.normal(1, 0.1, 10))), "lsr": dict(enumerate(rng.normal(0, 0.1, 4)))})
    assert leader_of(pairs) == winner_of(pairs) == "lsr"


def test_no_seed_in_common_is_no_basis():
    for table in ({}, {"ce": at({0})}, {"ce": at({0}), "lsr": at({1})}):
        assert common_basis(pairs_of(table)).arms == ()
    assert leader_of(pairs_of({"ce": at({0}, 0.2), "lsr": at({1}, 0.1)})) == "lsr"


def test_a_circle_of_unequal_seeds_is_broken_by_the_seeds_that_all_have():
    pairs = pairs_of({"a": {0: 1, 1: 0, 3: 9}, "b": {0: 2, 1: 3, 2: -9}, "c": {0: 3, 2: 0, 3: 0}})
    assert (pairs.mean[0, 1] < 0, pairs.mean[1, 2] < 0, pairs.mean[2, 0] < 0) == (True, True, True)
    assert leader_of(pairs) == "a"


def test_the_search_finds_the_largest_part_of_nested_and_of_nearly_all_tables():
    rng, missed = np.random.default_rng(1), 0
    for _ in range(60):
        nested = np.arange(6) < rng.integers(0, 7, (5, 1))
        places, shared = largest_part(nested)
        assert len(places) * shared.sum() == largest_by_brute_force(nested)
        random = rng.random((5, 6)) < 0.8
        places, shared = largest_part(random)
        assert random[np.ix_(places, shared.nonzero()[0])].all()
        missed += len(places) * shared.sum() < largest_by_brute_force(random)
    assert missed <= 6


def largest_by_brute_force(present):
    subsets = (list(s) for r in range(2, len(present) + 1) for s in itertools.combinations(range(len(present)), r))
    return max(len(rows) * present[rows].all(0).sum() for rows in subsets)
