"""Suspicious labels as a reader sees them: in a sentence, as tables, CSV and JSON, and as a gallery of pictures.

Suspicious, and never wrong: what share of a list is wrong is said where people looked at examples, and nowhere else.
"""

from lsbench.report.suspects.files import as_csv, as_fixes, as_json
from lsbench.report.suspects.listing import Listing
from lsbench.report.suspects.sentences import paragraphs
from lsbench.report.suspects.tables import tables

__all__ = ["Listing", "as_csv", "as_fixes", "as_json", "paragraphs", "tables"]
