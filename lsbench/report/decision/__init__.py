"""A verdict as a reader sees it: in words, as a table, as JSON."""

from lsbench.report.decision.json_form import as_json
from lsbench.report.decision.sentences import paragraph
from lsbench.report.decision.table import decision_table

__all__ = ["as_json", "decision_table", "paragraph"]
