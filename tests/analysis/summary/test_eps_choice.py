from dataclasses import replace

import pytest

from lsbench.analysis.summary import arms_of, choose_eps
from tests.analysis.summary.handmade import a_row


def trained(eps, seed, noisy, clean, test):
    return a_row("lsr", seed, test, eps=eps, val_accuracy=noisy, val_nll=-noisy, val_clean_accuracy=clean)


def test_eps_is_picked_per_seed_on_noisy_labels_and_the_price_is_what_the_oracle_gains():
    rows = [
        trained(0.1, 0, noisy=0.7, clean=0.9, test=0.95),
        trained(0.2, 0, noisy=0.8, clean=0.8, test=0.85),
        trained(0.1, 1, noisy=0.7, clean=0.9, test=0.94),
        trained(0.2, 1, noisy=0.6, clean=0.8, test=0.86),
    ]
    (choice,) = choose_eps(arms_of(rows))
    assert choice.n == 2
    assert choice.chosen["noisy accuracy"].eps == ((0.1, 1), (0.2, 1))
    assert choice.chosen["oracle"].eps == ((0.1, 2),)
    assert choice.chosen["noisy accuracy"].spreads["accuracy"].mean == pytest.approx((0.85 + 0.94) / 2)
    assert choice.chosen["noisy accuracy"].price.mean == pytest.approx(0.05)
    assert choice.chosen["oracle"].price is None


def test_of_equally_good_eps_the_smallest_is_taken():
    rows = [trained(eps, 0, noisy=0.7, clean=0.7, test=0.7) for eps in (0.2, 0.1, 0.3)]
    (choice,) = choose_eps(arms_of(rows))
    assert choice.chosen["noisy accuracy"].eps == ((0.1, 1),)


def test_a_seed_without_every_eps_does_not_count():
    rows = [trained(eps, seed, 0.7, 0.7, 0.7) for eps, seed in ((0.1, 0), (0.2, 0), (0.1, 1))]
    assert choose_eps(arms_of(rows))[0].n == 1


@pytest.mark.parametrize(
    "rows", [[], [trained(0.1, 0, 0.7, 0.7, 0.7)], [a_row("lsr", 0, eps=0.1), a_row("lsr", 0, eps=0.2)]]
)
def test_one_eps_or_nothing_held_out_leaves_nothing_to_choose(rows):
    assert choose_eps(arms_of(rows)) == []


def test_a_loss_that_is_the_same_function_has_no_choice_of_its_own_and_smoothing_of_0_stays_one():
    rows = [trained(eps, 0, noisy=0.9 - eps, clean=0.9, test=0.9) for eps in (0.0, 0.1, 0.2)]
    twins = [replace(row, cell=replace(row.cell, loss="fused")) for row in rows[1:]]
    (choice,) = choose_eps(arms_of([*rows, *twins, a_row("ce", 0)]))
    assert (choice.loss, choice.chosen["noisy accuracy"].eps) == ("lsr", ((0.0, 1),))


def test_the_test_set_chooses_nothing():
    rows = [trained(0.1, 0, noisy=0.8, clean=0.8, test=0.1), trained(0.2, 0, noisy=0.7, clean=0.7, test=0.9)]
    (choice,) = choose_eps(arms_of(rows))
    assert all(of.eps == ((0.1, 1),) for of in choice.chosen.values())
