"""Looking at labels: the designs that say which examples people are asked about, and what the people answered.

A design is a file below the results folder, made by `lsbench verify`; answers come as files that people save. What they
say of the losses is in `analysis.looking`; the statistics are in `statistics.looks`.
"""

from lsbench.rows.looks.design import DesignArm, StoredDesign
from lsbench.rows.looks.read_mark import is_read, mark_read, read_for_verdict
from lsbench.rows.looks.store import design_folder, read_design, read_designs, write_design
from lsbench.rows.looks.verified import Verified, read_verified, verified_of

__all__ = [
    "DesignArm",
    "StoredDesign",
    "Verified",
    "design_folder",
    "is_read",
    "mark_read",
    "read_design",
    "read_designs",
    "read_for_verdict",
    "read_verified",
    "verified_of",
    "write_design",
]
