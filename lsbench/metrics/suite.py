"""Many metrics of the catalogue at once."""

from collections.abc import Callable, Iterable
from typing import Any, overload

import numpy as np
from torch import Tensor

from lsbench.metrics.checks import Array, checked
from lsbench.metrics.classwise import brier_parts
from lsbench.metrics.contract import Metric, applied, in_kind_of
from lsbench.metrics.recalibration import recalibration_of
from lsbench.names import catalogue
from lsbench.names.registry import load, lookup

METRICS: dict[str, Metric[...]] = {name: load(entry.ref) for name, entry in catalogue.METRICS.items()}
TOGETHER: dict[str, tuple[Callable[[Tensor, Tensor], Any], str]] = {  # fields of one result, which is computed once
    "calibration_slope": (recalibration_of, "slope"),
    "calibration_p": (recalibration_of, "p_value"),
    "brier_reliability": (brier_parts, "reliability"),
    "brier_resolution": (brier_parts, "resolution"),
}
EACH_EPOCH = tuple(name for name, entry in catalogue.METRICS.items() if entry.each_epoch)


@overload
def evaluate(probs: Tensor, labels: Tensor, *, names: Iterable[str] | None = None) -> dict[str, Tensor]: ...
@overload
def evaluate(probs: np.ndarray, labels: np.ndarray, *, names: Iterable[str] | None = None) -> dict[str, Any]: ...
def evaluate(probs: Array, labels: Array, *, names: Iterable[str] | None = None) -> dict[str, Any]:
    """Compute the named metrics, checking the arguments once; by default the cheap ones of each epoch.

    probs (..., n, K), labels (..., n) -> {name: (...) float64}; a stack is probs (cells, n, K). `names=METRICS` is
    all of them. A value is nan where its metric is undefined, such as the calibration slope when nothing is wrong.
    Errors: `lsbench.metrics.checks.checked`; `InputError` for a name that is not in the catalogue.
    """
    metrics = {name: lookup(METRICS, "metric", name) for name in (EACH_EPOCH if names is None else names)}
    tensors = checked(probs, labels)
    fields = {name: TOGETHER[name] for name in metrics if name in TOGETHER}
    wholes = {whole: applied(whole, *tensors) for whole in {whole for whole, _ in fields.values()}}
    values = {name: getattr(wholes[whole], field) for name, (whole, field) in fields.items()}
    alone = {name: applied(of.__wrapped__, *tensors) for name, of in metrics.items() if name not in values}
    values = {name: values[name] if name in values else alone[name] for name in metrics}
    return {name: in_kind_of(probs, value) for name, value in values.items()}
