"""How often a verdict by looks is wrong, from files to claims; at length by `make simulations`."""

import numpy as np
import pytest

from lsbench.analysis.decide import decide
from lsbench.analysis.looked import looked_verdict
from lsbench.analysis.looked.reaches import Reach
from tests.analysis.looked.made import by_doubt, looks_at, make
from tests.simulations import simulation


def verdicts(made, n, trials):
    sizes = by_doubt(made)
    (verdict,) = decide(made.rows, results=made.folder)
    return [looked_verdict(verdict, [looks_at(made, n, seed, sizes)]) for seed in range(trials)]


@simulation(short=12, long=400)
@pytest.mark.parametrize("n", [30, 100])
def test_losses_that_are_as_accurate_seldom_have_a_winner_or_a_difference(tmp_path, n, trials):
    made = make(tmp_path, {"ce": 1.4, "gce": 1.4, "lsr": 1.4}, equal=True)
    made_verdicts = verdicts(made, n, trials)
    winners = sum(one.winner is not None for one in made_verdicts)
    claims = sum(any(claim.reach for claim in one.baseline_claims) for one in made_verdicts)
    assert max(winners, claims) <= allowed(trials)
    assert sum(len(one.may_be_best[Reach.NETWORKS]) < 3 for one in made_verdicts) <= 2 * allowed(trials)


@simulation(short=12, long=400)
def test_intervals_hold_the_true_numbers_of_these_networks(tmp_path, trials):
    made = make(tmp_path, {"ce": 1.2, "gce": 1.6})
    missed = {"own": 0, "gap": 0, "differ": 0}
    for one in verdicts(made, 100, trials):
        gce = next(key for key in one.compared if key.loss == "gce")
        own = one.numbers["nll"][gce].number.ranges[Reach.NETWORKS]
        gap = one.against_baseline[gce].gap.ranges[Reach.NETWORKS]
        missed["own"] += not own.low <= made.true("gce", "nll") <= own.high
        missed["gap"] += not gap.low <= made.true("gce") - made.true("ce") <= gap.high
        differ = one.labels.differ
        missed["differ"] += not differ.low <= (made.truth != made.given).mean() <= differ.high
    assert max(missed.values()) <= allowed(trials)


def allowed(trials):
    """Of trials that each err with 5 % at most so many err, but for 1 in 1,000."""
    from scipy.stats import binom

    return int(binom.ppf(0.999, trials, 0.05))


def test_a_far_better_loss_is_found_by_100_looks(tmp_path):
    made = make(tmp_path, {"ce": 1.0, "gce": 2.4}, seeds=5)
    shown = verdicts(made, 100, 5)
    assert np.mean([one.winner is not None for one in shown]) >= 0.8
