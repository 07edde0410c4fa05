"""McNemar's exact test against scipy's binomial, and as it goes on between whole counts."""

import pytest
from scipy.stats import binomtest

from lsbench.statistics import fewer_errors_p
from tests.in_turn import in_turn


@in_turn(("ours", "theirs"), [(0, 1), (3, 12), (8, 12), (12, 8), (5, 5), (40, 61)])
def test_whole_counts_give_the_binomial_test(ours, theirs):
    expected = binomtest(theirs, ours + theirs, alternative="greater").pvalue
    assert fewer_errors_p(ours, theirs) == pytest.approx(expected, rel=1e-12)


def test_between_whole_counts_it_rises_with_our_errors_and_falls_with_theirs():
    assert fewer_errors_p(3, 12) < fewer_errors_p(3.5, 12) < fewer_errors_p(4, 12)
    assert fewer_errors_p(3, 13) < fewer_errors_p(3, 12.5) < fewer_errors_p(3, 12)


@pytest.mark.parametrize("ours", [0, 7])
def test_who_makes_no_error_alone_is_not_shown_to_be_worse(ours):
    assert fewer_errors_p(ours, 0) == 1
