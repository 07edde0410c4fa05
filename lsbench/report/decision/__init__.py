"""A verdict as a reader sees it: in words, as a table, as JSON.

Which arm wins, and what is shown of the others, is decided in `lsbench.analysis.decide`; here it is only said.
"""

from lsbench.report.decision.json_form import as_json
from lsbench.report.decision.looked import looked_paragraphs
from lsbench.report.decision.looked_json import looked_json, looked_of
from lsbench.report.decision.looked_table import looked_tables
from lsbench.report.decision.looked_training import training_json, training_table, training_text
from lsbench.report.decision.sentences import evidence, evidence_paragraphs, layers, paragraph, paragraphs
from lsbench.report.decision.table import decision_table, elsewhere_table, verdict_tables

__all__ = [
    "as_json",
    "decision_table",
    "elsewhere_table",
    "evidence",
    "evidence_paragraphs",
    "layers",
    "looked_json",
    "looked_of",
    "looked_paragraphs",
    "looked_tables",
    "paragraph",
    "paragraphs",
    "training_json",
    "training_table",
    "training_text",
    "verdict_tables",
]
