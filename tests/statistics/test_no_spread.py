"""Equal differences that rounding tells apart: (.9433, .9466) less (.95, .9533) is -.0067 twice, but for 1e-16."""

import numpy as np

from lsbench.statistics import (
    Spread,
    average_ranks,
    cautious_difference,
    cautious_p,
    choose,
    effect_size,
    equivalence_p,
    friedman,
    kendall_tau,
    paired_difference,
    seeds_to_decide,
    sequential_test,
    spread,
    t_test_p,
    two_level_bootstrap,
)
from lsbench.statistics.published import published_equivalence
from tests.in_turn import in_turn

A, B = [0.9433, 0.9466], [0.95, 0.9533]
GAPS = np.subtract(A, B)
assert GAPS.std(ddof=1) > 0  # so that a test for exactly 0 does not see it


@in_turn(
    "statistic",
    [
        lambda: effect_size(A, B),
        lambda: t_test_p(A, B),
        lambda: paired_difference(A, B).low,
        lambda: cautious_difference(GAPS, 0.05).low,
        lambda: two_level_bootstrap(np.tile(A, (2, 1)), np.tile(B, (2, 1))).low,
        lambda: published_equivalence(Spread(90.0, 1e-14, 3), Spread(90.0, None, 1), 1.0).p,
    ],
)
def test_what_shows_no_spread_has_no_number_that_divides_by_one(statistic):
    assert statistic() is None


def test_no_spread_counts_by_the_signs():
    assert cautious_p(GAPS) == 0.5
    assert equivalence_p(A, B, 0.01) == 0.25
    assert seeds_to_decide(GAPS, 0.05) == 6
    assert sequential_test(GAPS.tolist(), (2,), (0.05,)).status == "undecided"
    choice = choose({"a": dict(enumerate(A)), "b": dict(enumerate(B))}, better="higher", baseline="a")
    (one,) = choice.baseline_claims
    assert (one.finding, one.effect, str(choice.evidence["b"].seeds_needed)) == ("undecided", None, "6")


def test_numbers_that_are_equal_but_for_rounding_have_a_spread_of_exactly_0():
    assert spread([0.1 + 0.2, 0.3, 0.3]).sd == 0


def test_scores_that_are_equal_but_for_rounding_tie():
    assert average_ranks([[0.1 + 0.2, 0.3]], "higher").tolist() == [1.5, 1.5]
    assert friedman([[0.1 + 0.2, 0.3], [0.3, 0.3]]) == 1
    assert kendall_tau([0.1 + 0.2, 0.3], [1, 2]) is None
