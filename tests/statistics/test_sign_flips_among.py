from itertools import product

import numpy as np
import pytest

from lsbench.errors import InputError
from lsbench.statistics import sign_flip_p, sign_flips
from tests.simulations import simulation


def brute_force(differences):
    """Step-down max-|t| over all sign patterns, as it is written in books."""
    d = np.asarray(differences)

    def t(of):
        return np.abs(of.mean(1)) / (of.std(1, ddof=1) / np.sqrt(of.shape[1]))

    observed = t(d)
    order, p, before = np.argsort(-observed), np.empty(len(d)), 0.0
    for place, i in enumerate(order):
        left = order[place:]
        patterns = (np.array(signs) for signs in product([1, -1], repeat=d.shape[1]))
        reached = [t(d[left] * signs).max() >= observed[i] * (1 - 1e-9) for signs in patterns]
        before = max(before, np.mean(reached))
        p[i] = before
    return p


def test_p_values_are_those_of_all_sign_patterns_step_by_step():
    d = np.random.default_rng(0).normal(0.7, 1, (4, 7))
    assert sign_flips(d) == pytest.approx(brute_force(d))


def test_one_comparison_is_the_plain_sign_flip_test():
    d = np.random.default_rng(1).normal(0.5, 1, (1, 9))
    assert sign_flips(d)[0] == pytest.approx(sign_flip_p(d[0].tolist(), [0.0] * 9))


def test_runs_that_are_identical_are_no_evidence_and_equal_differences_are_some():
    p = sign_flips([[0.0] * 6, [0.1] * 6])
    assert p.tolist() == [1.0, 2 / 2**6]


def test_fewer_than_six_seeds_are_too_few():
    assert sign_flips(np.ones((3, 5))) is None
    assert sign_flips(np.ones((0, 8))) is None


def test_more_seeds_than_patterns_can_be_listed_for_are_drawn_and_never_certain():
    d = np.random.default_rng(2).normal(3, 1, (3, 20))
    assert sign_flips(d) == pytest.approx([1e-4] * 3)
    assert (sign_flips(d) == sign_flips(d)).all()


def test_what_is_no_table_of_finite_numbers_is_refused():
    with pytest.raises(InputError, match="finite"):
        sign_flips([[np.nan] * 6])


@pytest.mark.parametrize("kind", ["normal", "fivefold"])
@simulation(short=200, long=5000)
def test_the_family_holds_its_level(trials, kind):
    rng, false = np.random.default_rng(3), 0
    scale = np.where(np.arange(6) < 2, 5.0, 1.0)[:, None] if kind == "fivefold" else 1.0
    for _ in range(trials):
        arms = rng.normal(size=(6, 7)) * scale
        false += sign_flips(arms[1:] - arms[0]).min() <= 0.05
    assert false / trials <= 0.05 + 3.5 * (0.05 * 0.95 / trials) ** 0.5
