"""Every metric of the catalogue at once."""

from typing import Any, overload

import numpy as np
from torch import Tensor

from lsbench import catalogue
from lsbench.metrics.checks import Array, checked
from lsbench.metrics.contract import Metric, in_kind_of
from lsbench.registry import load

METRICS: dict[str, Metric[...]] = {name: load(entry.ref) for name, entry in catalogue.METRICS.items()}


@overload
def evaluate(probs: Tensor, labels: Tensor) -> dict[str, Tensor]: ...
@overload
def evaluate(probs: np.ndarray, labels: np.ndarray) -> dict[str, Any]: ...
def evaluate(probs: Array, labels: Array) -> dict[str, Any]:
    """Compute every metric of the catalogue, in its order, checking the arguments once.

    probs (..., n, K), labels (..., n) -> {name: (...) float64}; a stack is probs (cells, n, K).
    Errors: `lsbench.metrics.checks.checked`.
    """
    tensors = checked(probs, labels)
    return {name: in_kind_of(probs, metric.__wrapped__(*tensors)) for name, metric in METRICS.items()}
