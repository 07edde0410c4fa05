"""A mean over all examples from the few that a person looked at: which, the estimate, an interval that holds.

Only the draw of looks is random here; seeds and new examples are added by `analysis`. Plain numbers, no rows, no torch.
"""

from lsbench.statistics.looks.betting import lower_bound
from lsbench.statistics.looks.deciding import MoreLooks, leaves_out_zero, more_looks, p_of
from lsbench.statistics.looks.design import Design, make_design
from lsbench.statistics.looks.effects import Control, Expected, believed_control, bounds_of, given_control, seen_of
from lsbench.statistics.looks.estimate import Estimate, estimate
from lsbench.statistics.looks.interval import LookInterval, interval
from lsbench.statistics.looks.learned import Beliefs, beliefs_of, learned_belief
from lsbench.statistics.looks.levels import ANNOUNCED, LOOKS_EVERY, last_complete, schedule, spent_by
from lsbench.statistics.looks.sizes import BRIER, FLOOR, belief_of, sizes_of
from lsbench.statistics.looks.tempered import tempered

__all__ = [
    "ANNOUNCED",
    "BRIER",
    "FLOOR",
    "LOOKS_EVERY",
    "Beliefs",
    "Control",
    "Design",
    "Estimate",
    "Expected",
    "LookInterval",
    "MoreLooks",
    "belief_of",
    "beliefs_of",
    "believed_control",
    "bounds_of",
    "estimate",
    "given_control",
    "interval",
    "last_complete",
    "learned_belief",
    "leaves_out_zero",
    "lower_bound",
    "make_design",
    "more_looks",
    "p_of",
    "schedule",
    "seen_of",
    "sizes_of",
    "spent_by",
    "tempered",
]
