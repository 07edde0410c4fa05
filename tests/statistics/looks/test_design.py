"""The order in which examples are looked at, and the chance of each."""

from itertools import permutations

import numpy as np
import pytest

from lsbench.errors import InputError
from lsbench.statistics.looks import Design, make_design


def test_equal_sizes_give_equal_chances():
    assert make_design(np.full(20, 3.0), seed=0).probabilities(5) == pytest.approx(np.full(20, 0.25))


def test_the_same_seed_gives_the_same_order_and_reading_on_keeps_what_was_read():
    sizes = np.random.default_rng(0).uniform(0.1, 1, 50)
    one, again = make_design(sizes, seed=3), make_design(sizes, seed=3)
    assert one.order.tolist() == again.order.tolist() != make_design(sizes, seed=4).order.tolist()
    assert one.first(20)[:10].tolist() == one.first(10).tolist()


def exact_chances(q, n):
    """Of each example to be among the first n: summed over all orders."""
    q, chances = np.asarray(q) / np.sum(q), np.zeros(len(q))
    for first in permutations(range(len(q)), n):
        chance, left = 1.0, 1.0
        for i in first:
            chance, left = chance * q[i] / left, left - q[i]
        chances[list(first)] += chance
    return chances


def test_the_chances_are_those_of_drawing_one_after_another():
    q = np.array([1.0, 1, 1, 2, 2, 3, 4, 5])
    assert make_design(q, seed=0).probabilities(3) == pytest.approx(exact_chances(q, 3), abs=0.015)


def test_the_order_is_drawn_one_after_another():
    q = np.array([0.1, 0.2, 0.3, 0.4])
    firsts = np.array([make_design(q, seed).order[:2] for seed in range(4000)])
    assert np.bincount(firsts[:, 0], minlength=4) / 4000 == pytest.approx(q, abs=0.03)
    after_3 = firsts[firsts[:, 0] == 3, 1]
    assert np.bincount(after_3, minlength=4)[:3] / len(after_3) == pytest.approx(q[:3] / 0.6, abs=0.05)


def test_a_design_can_be_made_from_what_was_stored():
    one = make_design([1.0, 2.0, 3.0], seed=5)
    again = Design(one.sizes, one.order, one.seed)
    assert again.probabilities(2) == pytest.approx(one.probabilities(2))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: make_design([1.0, 0.0], seed=0), "sizes must be above 0"),
        (lambda: Design(np.ones(3), np.array([0, 1, 1]), 0), "order must have each of 0 to 2 once"),
        (lambda: make_design(np.ones(3), seed=0).probabilities(4), "n must be a whole number in \\[0, 3\\]"),
        (lambda: make_design(np.ones(3), seed=-1), "seed"),
    ],
)
def test_what_is_no_design_is_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()
