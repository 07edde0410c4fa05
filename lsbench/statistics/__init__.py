"""What repeated trainings tell: spreads, paired differences, tests, verdicts; from numbers and arrays alone.

Rows, settings and losses are unknown here: `analysis` applies these functions to them.
"""

from lsbench.statistics.agreement import kendall_tau
from lsbench.statistics.alike import all_alike, is_above
from lsbench.statistics.basis import CommonBasis, common_basis
from lsbench.statistics.best import BestGap, gaps_to_best
from lsbench.statistics.cautious import cautious_difference, cautious_p, gaps_of, seeds_to_decide
from lsbench.statistics.choice import Choice, choose
from lsbench.statistics.class_noise import ClassNoise, joint_shares, reversing_noise, true_lead
from lsbench.statistics.crossed import by_group, variance_of_examples
from lsbench.statistics.disagreement import Disagreement, disagreement_of
from lsbench.statistics.equivalence import equivalence_p
from lsbench.statistics.evidence import Evidence, could_be_missed, evidence_for
from lsbench.statistics.families import (
    Claim,
    FamilySize,
    against_baseline,
    all_pairs,
    leader_of,
    may_be_best,
    winner_of,
)
from lsbench.statistics.flips import MOST_FLIPS, sign_flip_p
from lsbench.statistics.flips_among import FEWEST_SEEDS, sign_flips
from lsbench.statistics.majority import fewer_errors_p
from lsbench.statistics.multiplicity import holm, under_every_rule
from lsbench.statistics.multiverse import RobustClaim, compare_under_rules
from lsbench.statistics.needed import SeedsNeeded, collapsed, detectable_effect, seeds_to_find
from lsbench.statistics.new_examples import with_examples
from lsbench.statistics.over_settings import SettingRanks, rank_over_settings
from lsbench.statistics.paired import Difference, paired_difference, t_test_p
from lsbench.statistics.pairs import Pairs, pairs_of
from lsbench.statistics.proportion import wilson_interval
from lsbench.statistics.ranks import average_ranks, critical_difference, friedman
from lsbench.statistics.resampling import two_level_bootstrap
from lsbench.statistics.sample_size import effect_size, power, seeds_needed
from lsbench.statistics.sequential import SequentialResult, sequential_test, sequential_type_one
from lsbench.statistics.spending import sequential_levels
from lsbench.statistics.spreads import Spread, spread
from lsbench.statistics.symmetric_labels import order_holds_up_to, undiluted

__all__ = [
    "FEWEST_SEEDS",
    "MOST_FLIPS",
    "BestGap",
    "Choice",
    "Claim",
    "ClassNoise",
    "CommonBasis",
    "Difference",
    "Disagreement",
    "Evidence",
    "FamilySize",
    "Pairs",
    "RobustClaim",
    "SeedsNeeded",
    "SequentialResult",
    "SettingRanks",
    "Spread",
    "against_baseline",
    "all_alike",
    "all_pairs",
    "average_ranks",
    "by_group",
    "cautious_difference",
    "cautious_p",
    "choose",
    "collapsed",
    "common_basis",
    "compare_under_rules",
    "could_be_missed",
    "critical_difference",
    "detectable_effect",
    "disagreement_of",
    "effect_size",
    "equivalence_p",
    "evidence_for",
    "fewer_errors_p",
    "friedman",
    "gaps_of",
    "gaps_to_best",
    "holm",
    "is_above",
    "joint_shares",
    "kendall_tau",
    "leader_of",
    "may_be_best",
    "order_holds_up_to",
    "paired_difference",
    "pairs_of",
    "power",
    "rank_over_settings",
    "reversing_noise",
    "seeds_needed",
    "seeds_to_decide",
    "seeds_to_find",
    "sequential_levels",
    "sequential_test",
    "sequential_type_one",
    "sign_flip_p",
    "sign_flips",
    "spread",
    "t_test_p",
    "true_lead",
    "two_level_bootstrap",
    "under_every_rule",
    "undiluted",
    "variance_of_examples",
    "wilson_interval",
    "winner_of",
    "with_examples",
]
