"""The bound that holds exactly at every number of looks."""

from itertools import combinations, permutations
from math import prod

import numpy as np
import pytest

from lsbench.statistics.looks import Design, lower_bound

LEVEL = 0.2


def bounds(design, values, control, low, high, level, **options):
    """The lower and the upper bound, each erring with chance level."""
    above = lower_bound(design, -values, -control, -high, -low, level, **options)
    return lower_bound(design, values, control, low, high, level, **options), -above


def test_with_equal_sizes_it_is_the_betting_confidence_sequence_of_confseq():
    """confseq 0.0.11: betting_cs(x, N=200, alpha=0.05, breaks=20000, running_intersection=True, trunc_scale=0.5)."""
    rng = np.random.RandomState(0)
    population = np.round(rng.uniform(size=200), 2)
    design = Design(np.ones(200), rng.permutation(200), seed=0)
    for v, published in ((population, CONFSEQ), ((population > 0.95).astype(float), CONFSEQ_RARE)):
        for n, (low, high) in published.items():
            mine = bounds(design, v[design.first(n)], np.full(200, 0.5), np.zeros(200), np.ones(200), 0.025, most=0.5)
            assert mine == pytest.approx((low, high), abs=1.5e-4)


CONFSEQ = {10: (0.1144, 0.6772), 40: (0.3417, 0.586), 120: (0.41735, 0.5239)}
CONFSEQ_RARE = {10: (0.0, 0.4608), 40: (0.005, 0.1747), 120: (0.01, 0.05435)}


def test_among_all_draws_of_twenty_examples_it_misses_no_more_often_than_it_says():
    """All 190 places that 2 corrections among 20 can have in the order: as likely as each other."""
    low, high, zero = -np.ones(20), np.ones(20), np.zeros(20)
    missed = np.zeros(2)
    for places in combinations(range(20), 2):
        v = np.zeros(20)
        v[list(places)] = 1
        design = Design(np.ones(20), np.arange(20), seed=0)
        shown = [bounds(design, v[:n], zero, low, high, LEVEL) for n in (3, 6, 9, 12, 15, 18)]
        missed += [any(bottom > v.mean() + 1e-9 for bottom, _ in shown), any(top < v.mean() - 1e-9 for _, top in shown)]
    assert (missed / 190 <= LEVEL).all()
    assert missed.sum() > 0


def test_over_all_orders_of_five_unequal_examples_it_misses_no_more_often_than_it_says():
    q = np.array([1.0, 1, 2, 4, 6])
    q /= q.sum()
    v, low, high = np.array([1.0, -1, 0, 1, 0]), np.full(5, -1.0), np.ones(5)
    missed = np.zeros(2)
    for order in permutations(range(5)):
        left = 1 - np.concatenate([[0], np.cumsum(q[list(order)])[:-1]])
        chance = prod(q[i] / rest for i, rest in zip(order, left, strict=True))
        design = Design(q, np.array(order), seed=0)
        shown = np.array([bounds(design, v[list(order[:n])], np.zeros(5), low, high, 0.4) for n in range(1, 5)])
        missed += chance * np.array([(shown[:, 0] > v.mean() + 1e-9).any(), (shown[:, 1] < v.mean() - 1e-9).any()])
    assert (missed <= 0.4).all()
    assert missed.max() > 0.02


def test_it_never_says_more_than_what_is_possible_and_all_looks_settle_it():
    v = np.array([0.0, 1, 0, 1, 0, 0, 0, 1])
    design = Design(np.arange(1.0, 9), np.arange(8), seed=0)
    low, high, zero = np.zeros(8), np.ones(8), np.zeros(8)
    for n in range(1, 8):
        bottom, top = bounds(design, v[:n], zero, low, high, 0.4)
        assert v[:n].sum() / 8 <= bottom + 1e-9
        assert top <= (v[:n].sum() + 8 - n) / 8 + 1e-9
    assert bounds(design, v, zero, low, high, 0.05) == pytest.approx((3 / 8, 3 / 8))


def test_examples_whose_contribution_is_certain_need_no_look():
    low, high = np.array([0.3] * 30 + [0.0] * 2), np.array([0.3] * 30 + [1.0] * 2)
    design = Design(np.ones(32), np.arange(32), seed=0)
    bottom, top = bounds(design, np.full(5, 0.3), low, low, high, 0.025)
    assert bottom >= 0.3 * 30 / 32 - 1e-9
    assert top <= (0.3 * 30 + 2) / 32 + 1e-9


def test_no_correction_seen_leaves_an_interval_that_is_not_empty():
    design = Design(np.ones(1000), np.arange(1000), seed=0)
    bottom, top = bounds(design, np.zeros(100), np.zeros(1000), -np.ones(1000), np.ones(1000), 0.025)
    assert -0.1 < bottom < -0.02
    assert 0.02 < top < 0.1
