"""Intervals where test examples come in groups: a group is drawn or not, as a whole."""

import numpy as np
import pytest

from lsbench.errors import InputError
from lsbench.statistics import by_group, choose, variance_of_examples, wilson_interval


def test_groups_of_one_example_leave_the_values_as_they_are():
    values = np.random.default_rng(0).normal(size=(3, 20))
    assert by_group(values, np.arange(20)) == pytest.approx(values)


def test_means_over_groups_are_the_means_over_examples_of_each_seed():
    values = np.random.default_rng(0).normal(size=(4, 60))
    groups = np.random.default_rng(1).integers(0, 9, 60)
    assert by_group(values, groups).shape == (4, len(np.unique(groups)))
    assert by_group(values, groups).mean(1) == pytest.approx(values.mean(1))


def test_examples_that_are_copies_count_once():
    draws = np.random.default_rng(0)
    values = draws.normal(size=30) + 0.1 * draws.normal(size=(3, 30))
    copies, group = np.repeat(values, 7, axis=1), np.repeat(np.arange(30), 7)
    assert variance_of_examples(by_group(copies, group)) == pytest.approx(variance_of_examples(values))
    assert variance_of_examples(copies) < 0.2 * variance_of_examples(values)


@pytest.mark.simulation
def test_intervals_by_group_cover_where_those_by_example_do_not():
    """Two equal losses, 24 groups of unequal size, an effect of each group that both share in sign at every seed."""
    draws, trials = np.random.default_rng(0), 400
    missed = {"by group": 0, "by example": 0}
    for _ in range(trials):
        group = np.repeat(np.arange(24), draws.integers(5, 15, 24))
        effect = 0.2 * draws.normal(size=24)[group]
        gaps = effect + 0.1 * draws.normal(size=(5, len(group)))
        for name, values in (("by group", by_group(gaps, group)), ("by example", gaps)):
            examples = {"ce": dict(enumerate(np.zeros_like(values))), "lsr": dict(enumerate(values))}
            means = {arm: {s: float(v.mean()) for s, v in seeds.items()} for arm, seeds in examples.items()}
            choice = choose(means, better="lower", baseline="ce", examples=examples)
            missed[name] += choice.baseline_claims[0].finding != "undecided"
    assert wilson_interval(missed["by group"], trials, 0.999)[0] < 0.05
    assert missed["by group"] < 0.08 * trials
    assert missed["by example"] > 0.3 * trials


def test_another_number_of_groups_than_of_examples_is_refused():
    with pytest.raises(InputError, match="one for each of the 4 examples"):
        by_group(np.zeros((2, 4)), np.zeros(3))
