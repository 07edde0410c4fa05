import numpy as np
import pytest
from scipy.stats import ttest_rel

from lsbench.analysis.summary import arms_of, multiverse
from lsbench.statistics import wilson_interval
from tests.analysis.summary.handmade import a_row
from tests.simulations import simulation


def arm(loss, last, best, **changes):
    """Two epochs: the first is the best on held-out labels, the second the last."""
    return [
        a_row(loss, seed, parts={"curves": {"accuracy": [b, x], "val_accuracy": [0.9, 0.1]}}, **changes)
        for seed, (x, b) in enumerate(zip(last, best, strict=True))
    ]


def test_a_win_that_turns_round_with_the_rule_is_fragile_and_tau_is_minus_one():
    rows = [
        *arm("ce", [0.5, 0.51, 0.52], [0.8, 0.81, 0.82]),
        *arm("lsr", [0.7, 0.71, 0.73], [0.6, 0.61, 0.63], eps=0.1),
    ]
    found = multiverse(arms_of(rows))
    assert found.rules == ("last", "mean-last:5", "val-accuracy")
    ce, lsr = found.arms
    assert found.ranks["last"] == {ce.key: 2, lsr.key: 1}
    assert found.ranks["val-accuracy"] == {ce.key: 1, lsr.key: 2}
    assert found.taus["last"] == pytest.approx(1)
    assert found.taus["val-accuracy"] == pytest.approx(-1)
    assert found.surviving == ()
    assert {(win.better.key.loss, win.rules) for win in found.fragile} == {
        ("lsr", ("last",)),
        ("ce", ("val-accuracy",)),
    }


def test_a_win_under_every_rule_survives():
    rows = [
        *arm("ce", [0.5, 0.51, 0.52], [0.5, 0.51, 0.52]),
        *arm("lsr", [0.7, 0.72, 0.73], [0.7, 0.72, 0.73], eps=0.1),
    ]
    (win,) = multiverse(arms_of(rows)).surviving
    assert (win.better.key.loss, win.worse.key.loss) == ("lsr", "ce")
    assert win.p == pytest.approx(ttest_rel([0.7, 0.72, 0.73], [0.5, 0.51, 0.52]).pvalue)


def test_more_pairs_and_more_rules_take_more_to_be_shown():
    """Alone p is 0.019 under each rule: shown of one pair, not of three, and not for one of three rules."""
    ce, lsr = [0.5, 0.51, 0.52, 0.5], [0.51, 0.521, 0.525, 0.516]
    two = [*arm("ce", ce, ce), *arm("lsr", lsr, lsr, eps=0.1)]
    found = multiverse(arms_of(two))
    assert 0.05 / 3 < found.surviving[0].p < 0.05
    assert found.surviving[0].rules == ()
    third = arm("mae", [0.9, 0.1, 0.9, 0.1], [0.1, 0.9, 0.1, 0.9])
    found = multiverse(arms_of([*two, *third]))
    assert (found.pairs, found.surviving, found.fragile) == ((3, 3), (), ())


def test_one_function_under_two_names_is_ranked_once_and_adds_no_pair():
    two = [*arm("ce", [0.5, 0.51], [0.5, 0.52]), *arm("lsr", [0.7, 0.72], [0.7, 0.73], eps=0.1)]
    twin = arm("fused", [0.71, 0.72], [0.7, 0.74], eps=0.1)
    assert multiverse(arms_of([*two, *twin])) == multiverse(arms_of(two))


@simulation(short=60, long=2000)
def test_equal_arms_win_under_every_rule_or_some_in_at_most_5_percent(trials):
    """6 arms, 5 seeds, 20 epochs: the rules read one training and agree for the most part."""
    rng, every, some = np.random.default_rng(0), 0, 0
    for _ in range(trials):
        curves = 0.5 + 0.02 * rng.normal(size=(6, 5, 1)) + 0.01 * rng.normal(size=(6, 5, 20))
        rows = [
            a_row(loss, seed, parts={"curves": {"accuracy": list(values), "val_accuracy": rng.random(20).tolist()}})
            for loss, of_loss in zip(("ce", "mae", "nce", "elr", "rce", "nce-rce"), curves.tolist(), strict=True)
            for seed, values in enumerate(of_loss)
        ]
        found = multiverse(arms_of(rows))
        every, some = every + bool(found.surviving), some + bool(found.surviving or found.fragile)
    assert wilson_interval(every, trials)[0] <= 0.05
    assert wilson_interval(some, trials)[0] <= 0.05


def test_the_best_test_epoch_is_a_rule_only_on_request():
    rows = [*arm("ce", [0.5], [0.6]), *arm("lsr", [0.7], [0.6], eps=0.1)]
    assert "best-test" not in multiverse(arms_of(rows)).rules
    assert "best-test" in multiverse(arms_of(rows), show_dishonest=True).rules


@pytest.mark.parametrize("rows", [[], arm("ce", [0.5], [0.6]), [a_row("ce"), a_row("lsr", eps=0.1)]])
def test_one_arm_or_rows_without_curves_have_no_multiverse(rows):
    assert multiverse(arms_of(rows)) is None
