"""What repeated trainings tell: spreads, paired differences, tests, verdicts; from numbers and arrays alone.

Rows, settings and losses are unknown here: `analysis` applies these functions to them.
"""

from lsbench.statistics.agreement import kendall_tau
from lsbench.statistics.alike import all_alike, is_above
from lsbench.statistics.cautious import cautious_difference, cautious_p, gaps_of, seeds_to_decide
from lsbench.statistics.choice import Choice, Comparison, choose
from lsbench.statistics.equivalence import equivalence_p
from lsbench.statistics.flips import MOST_FLIPS, sign_flip_p
from lsbench.statistics.majority import fewer_errors_p
from lsbench.statistics.multiplicity import holm
from lsbench.statistics.paired import Difference, paired_difference, t_test_p
from lsbench.statistics.proportion import wilson_interval
from lsbench.statistics.ranks import average_ranks, critical_difference, friedman
from lsbench.statistics.resampling import two_level_bootstrap
from lsbench.statistics.sample_size import effect_size, power, seeds_needed
from lsbench.statistics.sequential import SequentialResult, sequential_test, sequential_type_one
from lsbench.statistics.spending import sequential_levels
from lsbench.statistics.spreads import Spread, spread

__all__ = [
    "MOST_FLIPS",
    "Choice",
    "Comparison",
    "Difference",
    "SequentialResult",
    "Spread",
    "all_alike",
    "average_ranks",
    "cautious_difference",
    "cautious_p",
    "choose",
    "critical_difference",
    "effect_size",
    "equivalence_p",
    "fewer_errors_p",
    "friedman",
    "gaps_of",
    "holm",
    "is_above",
    "kendall_tau",
    "paired_difference",
    "power",
    "seeds_needed",
    "seeds_to_decide",
    "sequential_levels",
    "sequential_test",
    "sequential_type_one",
    "sign_flip_p",
    "spread",
    "t_test_p",
    "two_level_bootstrap",
    "wilson_interval",
]
