import numpy as np
import pytest

from lsbench.statistics import gaps_to_best, may_be_best, pairs_of
from tests.simulations import simulation


def of(values):
    return pairs_of({i: dict(enumerate(by_seed)) for i, by_seed in enumerate(values)})


def true_gaps(means):
    return [mean - np.delete(means, i).min() for i, mean in enumerate(means)]


def test_an_arm_that_alone_may_be_best_has_0_as_its_upper_end_and_those_outside_have_0_as_their_lower_end():
    values = np.random.default_rng(0).normal(size=(4, 8)) * 0.1 + [[0], [3], [3], [4]]
    first, *others = gaps_to_best(of(values))
    assert first.low < first.high == 0
    assert all(gap.low == 0 < gap.high for gap in others)


def test_the_arms_whose_interval_reaches_below_0_are_those_that_may_be_best():
    rng = np.random.default_rng(1)
    for _ in range(100):
        pairs = of(rng.normal(size=(5, 5)) + rng.normal(0, 1, (5, 1)))
        assert tuple(gap.arm for gap in gaps_to_best(pairs) if gap.low < 0) == may_be_best(pairs)


def test_one_seed_and_one_arm_have_no_intervals_and_identical_arms_differ_by_0():
    ends = [(gap.low, gap.high) for table in ([[0.1], [0.2]], [[0.1, 0.2]]) for gap in gaps_to_best(of(table))]
    assert ends == [(None, None)] * 3
    assert [(gap.low, gap.high) for gap in gaps_to_best(of([[0.1, 0.2, 0.4]] * 2))] == [(0, 0)] * 2


def test_an_arm_without_intervals_leaves_the_upper_ends_of_the_others_open():
    few = {**{i: dict(enumerate(np.random.default_rng(i).normal(size=5))) for i in range(2)}, 2: {0: 0.0}}
    assert [gap.high for gap in gaps_to_best(pairs_of(few))] == [None] * 3


@pytest.mark.parametrize("spread", [0.0, 1.0, 3.0])
@pytest.mark.parametrize(("arms", "seeds"), [(2, 3), (3, 5), (6, 10), (12, 5)])
@simulation(short=100, long=5000)
def test_all_intervals_hold_at_once(trials, arms, seeds, spread):
    rng, held = np.random.default_rng([arms, seeds]), 0
    for _ in range(trials):
        means = rng.normal(0, spread, arms)
        values = rng.normal(means[:, None], rng.choice([1, 5], (arms, 1)), (arms, seeds)) + rng.normal(size=seeds)
        gaps = zip(gaps_to_best(of(values)), true_gaps(means), strict=True)
        held += all(gap.low <= truth <= gap.high for gap, truth in gaps)
    assert held / trials >= 0.95 - 3.5 * (0.95 * 0.05 / trials) ** 0.5
