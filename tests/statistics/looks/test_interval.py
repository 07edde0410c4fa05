"""The interval of a mean over all examples, whenever one stops looking."""

import importlib
import time

import numpy as np
import pytest

from lsbench.errors import InputError
from lsbench.statistics.looks import (
    Control,
    bounds_of,
    estimate,
    given_control,
    interval,
    make_design,
    more_looks,
    p_of,
    schedule,
    seen_of,
    spent_by,
)
from lsbench.statistics.looks.levels import critical_values
from lsbench.statistics.spending import boundaries, sequential_levels
from tests.simulations import simulation


class Doubtful:
    """400 examples of 3 classes, two arms that are right as often and differ on most of them, 40 % wrong labels."""

    def __init__(self, seed=0, wrong=0.6, differ=0.8, n=400):
        rng = np.random.default_rng(seed)
        self.true = true = rng.integers(0, 3, n)
        self.given = np.where(rng.random(n) < wrong, rng.integers(0, 3, n), true)
        a = np.where(rng.random(n) < 0.5, true, rng.integers(0, 3, n))
        b = np.where(rng.random(n) < differ, rng.integers(0, 3, n), a)
        self.effect = np.eye(3)[a] - np.eye(3)[b]
        self.right = self.effect[np.arange(n), true]
        self.control = given_control(self.effect, self.given)
        self.bounds = bounds_of(self.effect)
        self.sizes = 0.3 / n + np.where(self.bounds[0] < self.bounds[1], 0.7, 0.01) / n

    def look(self, seed, n, **options):
        design = make_design(self.sizes, seed)
        values = self.right[design.first(n)]
        return interval(design, values, values, self.control, *self.bounds, **options)


SET = Doubtful()


def test_it_covers_as_often_as_it_says_and_is_exact_where_few_corrections_were_seen():
    for n, draws in ((30, 200), (100, 300)):
        shown = [SET.look(seed, n, announced=n) for seed in range(draws)]
        covered = np.mean([one.low <= SET.right.mean() <= one.high for one in shown])
        assert covered >= 0.93
        for one in shown:
            assert (one.how == "exact") == (one.corrections < 10)
            assert one.low < one.mean < one.high


@simulation(short=80, long=5000)
def test_going_on_until_it_is_decided_misses_no_more_often_than_it_says(trials):
    looks = (25, 50, 75, 100, 150, 200)
    missed = 0
    for seed in range(trials):
        shown = [SET.look(seed, n, announced=50) for n in looks]
        missed += any(not one.low <= SET.right.mean() <= one.high for one in shown)
    assert missed <= 0.05 * trials + 4


def test_no_estimate_is_less_or_more_than_any_labels_would_give():
    """No value is below 1; a control that is fitted to 12 looks puts the mean of all 60 there in some draws."""
    rng = np.random.default_rng(0)
    total, looks, below = 60, 12, 0
    low, true = np.ones(total), 1 + (rng.random(total) < 0.1) * rng.random(total)
    control, sizes = Control(rng.normal(size=total), fitted=True), rng.uniform(0.2, 3, total)
    for seed in range(200):
        design = make_design(sizes, seed)
        seen = true[design.first(looks)]
        one = interval(design, seen, seen, control, low, low + 5, announced=looks)
        below += float(estimate(design, seen, control).mean) < (seen.sum() + total - looks) / total
        assert one.low >= 1 - 1e-12
        assert one.mean >= (seen.sum() + total - looks) / total - 1e-12
    assert below


def test_bounds_that_cross_never_give_an_interval_without_width(monkeypatch):
    """Lower bounds of one number of looks and upper ones of another hold together but for alpha."""
    module = importlib.import_module("lsbench.statistics.looks.interval")
    monkeypatch.setattr(module, "_by_spending", lambda announced, n: lambda looks, side: 0.1)
    one = SET.look(0, 100)
    assert one.how == "asymptotic"
    assert (one.low, one.high) == (min(-0.1, one.mean), max(0.1, one.mean))


def test_few_corrections_never_give_an_interval_without_width():
    few = Doubtful(wrong=0.0)
    for n in (1, 2, 24, 100):
        one = few.look(0, n)
        assert one.how == "exact"
        assert one.corrections == 0
        assert one.low < one.mean < one.high


def test_where_the_arms_agree_nothing_is_unknown():
    design = make_design(np.ones(50), seed=0)
    zero = np.zeros(50)
    one = interval(design, zero[:3], zero[:3], Control(zero, False), zero, zero)
    assert (one.mean, one.low, one.high, one.how) == (0, 0, 0, "certain")


def test_all_looked_at_settles_it_but_for_what_nobody_can_tell():
    design = make_design(SET.sizes, seed=0)
    sure = SET.right[design.order]
    one = interval(design, sure, sure, SET.control, *SET.bounds)
    assert (one.low, one.high, one.how) == (
        pytest.approx(SET.right.mean()),
        pytest.approx(SET.right.mean()),
        "all seen",
    )
    unsure = sure.copy()
    place = int(np.flatnonzero(SET.bounds[0][design.order] < SET.bounds[1][design.order])[0])
    unsure[place] = SET.bounds[0][design.order[place]]
    upper = sure.copy()
    upper[place] = SET.bounds[1][design.order[place]]
    doubtful = interval(design, unsure, upper, SET.control, *SET.bounds)
    assert doubtful.high - doubtful.low == pytest.approx((upper[place] - unsure[place]) / 400)


def test_what_nobody_can_tell_makes_it_wider():
    design = make_design(SET.sizes, seed=0)
    first = design.first(100)
    may_be = np.eye(3, dtype=bool)[SET.true[first]]
    low, high = seen_of(SET.effect, first, may_be)
    assert (low == high).all()
    told = interval(design, low, high, SET.control, *SET.bounds)
    may_be[::4] = True
    low, high = seen_of(SET.effect, first, may_be)
    untold = interval(design, low, high, SET.control, *SET.bounds)
    assert untold.low < told.low
    assert untold.high > told.high
    may_be[::4] = False  # none of these: as good as any
    assert [x.tolist() for x in seen_of(SET.effect, first, may_be)] == [low.tolist(), high.tolist()]


def test_one_side_takes_all_of_the_error_level():
    both, lower, upper = (SET.look(1, 100, one_sided=side) for side in (None, "lower", "upper"))
    assert both.low < lower.low < lower.high == np.inf
    assert -np.inf == upper.low < upper.high < both.high


def test_answers_between_two_numbers_of_the_schedule_wait():
    assert SET.look(2, 110)[:3] == SET.look(2, 100)[:3]
    assert SET.look(2, 110).n == 100


def test_the_schedule_is_every_25_up_to_the_announced_number_and_then_doubles_in_two_steps():
    assert schedule(100, 1000) == (25, 50, 75, 100, 150, 200, 300, 400, 600, 800)
    assert schedule(30, 100) == (25, 30, 45, 60, 90)
    assert schedule(500, 60) == (25, 50)


def test_most_of_the_error_is_spent_at_the_announced_number_and_never_more_than_all():
    spent = [spent_by(n, 100) for n in (25, 50, 75, 100, 150, 400, 10**6)]
    assert spent == sorted(spent)
    assert spent[3] == pytest.approx(0.8)
    assert spent[2] < 0.2
    assert 0.99 < spent[-1] < 1


def test_critical_values_are_crossed_as_often_as_was_spent():
    z = critical_values(make_design(np.ones(10_000), seed=0), 50, 100, 0.025)
    rng = np.random.default_rng(0)
    path = rng.normal(size=(200_000, 4)).cumsum(1) / np.sqrt(np.arange(1, 5))  # looks 25, 50, 75, 100
    crossed = (np.abs(path) > list(z.values())).any(1).mean()
    assert crossed == pytest.approx(0.05 * spent_by(100, 50), abs=0.002)
    levels = sequential_levels((2, 4, 8), spending="pocock")
    assert boundaries((1, 2), (1e-12, 0.025))[1] == pytest.approx(1.96, abs=1e-3)
    assert len(levels) == 3


def test_p_is_the_level_at_which_zero_is_left_out():
    design = make_design(SET.sizes, seed=3)
    values = SET.right[design.first(100)]
    p = p_of(design, values, values, SET.control, *SET.bounds)
    assert 0 < p < 0.05
    for alpha, out in ((p * 1.01, True), (p * 0.9, False)):
        one = interval(design, values, values, SET.control, *SET.bounds, alpha=alpha)
        assert (one.low > 0 or one.high < 0) == out


def test_how_many_more_looks_would_decide():
    near = Doubtful(seed=4, differ=0.1, n=3000)
    design = make_design(near.sizes, seed=5)
    one = near.look(5, 200, announced=50)
    more = more_looks(design, one, announced=50)
    assert more.n is None or more.n + one.n in schedule(50, 3000)
    assert more.least is None or more.n is None or more.least <= more.n
    decided = SET.look(3, 100)
    assert tuple(more_looks(make_design(SET.sizes, seed=3), decided)) == (0, 0, 0)


def test_all_pairs_of_eight_arms_on_ten_thousand_examples_take_seconds():
    big = Doubtful(n=10_000)
    design = make_design(big.sizes, seed=0)
    values = big.right[design.first(100)]
    start = time.process_time()
    for _ in range(28):
        interval(design, values, values, big.control, *big.bounds)
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"alpha": 0.0}, "alpha"),
        ({"one_sided": "left"}, "one_sided"),
        ({"seen_low": np.full(10, 3.0)}, "must lie between low and high"),
        ({"low": np.zeros(3)}, "400 examples take 1 to 400 looks"),
        ({"announced": 1}, "announced"),
    ],
)
def test_what_does_not_match_is_refused(change, message):
    design = make_design(SET.sizes, seed=0)
    values = SET.right[design.first(10)]
    given = {"seen_low": values, "seen_high": values, "low": SET.bounds[0], "high": SET.bounds[1], **change}
    with pytest.raises(InputError, match=message):
        interval(design, control=SET.control, **given)
