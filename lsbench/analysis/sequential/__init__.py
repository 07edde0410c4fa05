"""Sequential seeds: seeds are added until a comparison stops, by a rule that is fixed in advance and stored.

How the rule spends its error probability is in `statistics`; here are the cells that it asks for.
"""

from lsbench.analysis.sequential.rule import make_rule, next_cells, progress_of
from lsbench.analysis.sequential.stored import FOLDER, read, stored_rule, write

__all__ = [
    "FOLDER",
    "make_rule",
    "next_cells",
    "progress_of",
    "read",
    "stored_rule",
    "write",
]
