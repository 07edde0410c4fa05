"""Verdicts by looked-at labels: what a hundred labels that people gave show of the arms of a setting.

Which examples are looked at, and what people answered, is in `rows.looks`; the estimators and intervals are in
`statistics.looks`. Here they become differences between arms, families of claims, and what is known of the test labels.
Nothing here imports torch.
"""

from lsbench.analysis.looked.decide import looked_verdict
from lsbench.analysis.looked.temperature import looked_temperature
from lsbench.analysis.looked.training import LookedTraining, looked_training
from lsbench.analysis.looked.verdict import LookedVerdict

__all__ = [
    "LookedTraining",
    "LookedVerdict",
    "looked_temperature",
    "looked_training",
    "looked_verdict",
]
