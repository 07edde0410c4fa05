"""From rows to what a report shows: one setting per table, one arm per line, statistics over paired seeds.

These are numbers and names only. Which arm to prefer is decided in `analysis.decide`; tables are made in `report`.
"""

from lsbench.analysis.summary.arms import BASELINE, ArmResults, arms_by_setting, arms_of
from lsbench.analysis.summary.baseline import choice_of
from lsbench.analysis.summary.changes import Change, Changes, changes_of, changes_since
from lsbench.analysis.summary.eps_choice import EpsChoice, choose_eps
from lsbench.analysis.summary.majority import majority_p, no_better
from lsbench.analysis.summary.multiverse import Multiverse, multiverse
from lsbench.analysis.summary.provenance import LabelSet, commands_of, label_sets, provenance_of, warnings_of
from lsbench.analysis.summary.quantity import value_of
from lsbench.analysis.summary.records import COLUMNS, frame, records
from lsbench.analysis.summary.retry import comes_again, retry_text
from lsbench.analysis.summary.same_function import Folded, fold, stand_ins
from lsbench.analysis.summary.screened import is_of_other_data, screenings_of, shared_seeds
from lsbench.analysis.summary.setting import Setting, by_setting
from lsbench.analysis.summary.sizes import Sizes, of_unbalanced, size_warnings, sizes_of, sizes_of_data
from lsbench.analysis.summary.summarise import Summary, summaries_of, summarise

__all__ = [
    "BASELINE",
    "COLUMNS",
    "ArmResults",
    "Change",
    "Changes",
    "EpsChoice",
    "Folded",
    "LabelSet",
    "Multiverse",
    "Setting",
    "Sizes",
    "Summary",
    "arms_by_setting",
    "arms_of",
    "by_setting",
    "changes_of",
    "changes_since",
    "choice_of",
    "choose_eps",
    "comes_again",
    "commands_of",
    "fold",
    "frame",
    "is_of_other_data",
    "label_sets",
    "majority_p",
    "multiverse",
    "no_better",
    "of_unbalanced",
    "provenance_of",
    "records",
    "retry_text",
    "screenings_of",
    "shared_seeds",
    "size_warnings",
    "sizes_of",
    "sizes_of_data",
    "stand_ins",
    "summaries_of",
    "summarise",
    "value_of",
    "warnings_of",
]
