"""Seeds where they are needed: a group-sequential rule, fixed in advance and stored beside the rows.

The spending of error probability that the rule rests on is in `statistics`; here are the cells that it asks for.
"""

from lsbench.analysis.sequential.rule import ComparisonProgress, StoppingRule, make_rule, next_cells, survey
from lsbench.analysis.sequential.stored import FOLDER, agree, keep, read

__all__ = ["FOLDER", "ComparisonProgress", "StoppingRule", "agree", "keep", "make_rule", "next_cells", "read", "survey"]
