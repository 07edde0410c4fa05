import pytest

from lsbench.analysis.summary import arms_of, multiverse
from tests.analysis.summary.handmade import a_row


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
    assert {(win.better.key.loss, win.rules) for win in found.fragile} >= {("lsr", ("last",))}


def test_a_win_under_every_rule_survives():
    rows = [
        *arm("ce", [0.5, 0.51, 0.52], [0.5, 0.51, 0.52]),
        *arm("lsr", [0.7, 0.72, 0.73], [0.7, 0.72, 0.73], eps=0.1),
    ]
    (win,) = multiverse(arms_of(rows)).surviving
    assert (win.better.key.loss, win.worse.key.loss) == ("lsr", "ce")


def test_the_best_test_epoch_is_a_rule_only_on_request():
    rows = [*arm("ce", [0.5], [0.6]), *arm("lsr", [0.7], [0.6], eps=0.1)]
    assert "best-test" not in multiverse(arms_of(rows)).rules
    assert "best-test" in multiverse(arms_of(rows), show_dishonest=True).rules


@pytest.mark.parametrize("rows", [[], arm("ce", [0.5], [0.6]), [a_row("ce"), a_row("lsr", eps=0.1)]])
def test_one_arm_or_rows_without_curves_have_no_multiverse(rows):
    assert multiverse(arms_of(rows)) is None
