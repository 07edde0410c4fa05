"""Seeds where they are needed: a group-sequential rule, fixed in advance and kept beside the rows."""

from lsbench.analysis.adaptive.kept import FOLDER, agree, keep, read
from lsbench.analysis.adaptive.rule import Progress, Rule, make_rule, next_cells, survey

__all__ = ["FOLDER", "Progress", "Rule", "agree", "keep", "make_rule", "next_cells", "read", "survey"]
