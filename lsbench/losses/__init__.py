"""The losses: pure functions of logits and labels in `LOSSES`, and drop-in modules for other people's loops.

Their names, sources and hyperparameters are in `names.catalogue`, and the fused kernels behind some are in `kernels`.
"""

from collections.abc import Callable

from torch import Tensor

from lsbench.losses.drop_in import LSR, CrossEntropyLoss, LabelSmoothingCrossEntropy
from lsbench.losses.keras_modules import BinaryCrossentropy, CategoricalCrossentropy
from lsbench.losses.logit_adjusted_cross_entropy import LogitAdjustedCrossEntropy
from lsbench.losses.reduction import NothingToAverageWarning
from lsbench.losses.smoothed_cross_entropy import SmoothedCrossEntropy
from lsbench.names import catalogue
from lsbench.names.registry import load

LOSSES: dict[str, Callable[..., Tensor]] = {
    name: load(entry.ref) for name, entry in catalogue.LOSSES.items() if entry.ref
}

__all__ = [
    "LOSSES",
    "LSR",
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "CrossEntropyLoss",
    "LabelSmoothingCrossEntropy",
    "LogitAdjustedCrossEntropy",
    "NothingToAverageWarning",
    "SmoothedCrossEntropy",
]
