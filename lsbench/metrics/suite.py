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

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples; a stack of cells is (cells, n, K).
        labels: (..., n), integers in [0, K).
        names: of the catalogue (`lsbench list metrics`); `names=METRICS` is all of them.

    Returns:
        {name: (...) float64}: tensors of tensors, numpy of numpy. A value is nan where its metric is undefined, such as
        the calibration slope when nothing is wrong.

    Raises:
        InputError: a name that is not in the catalogue, shapes that do not match, no examples, rows that are no
            distributions, labels out of range.
        DtypeError: probs that are not floating point, labels that are not integers.

    Example:
        >>> values = evaluate(np.array([[0.9, 0.1], [0.4, 0.6]]), np.array([0, 0]), names=["accuracy", "brier"])
        >>> {name: round(float(value), 4) for name, value in values.items()}
        {'accuracy': 0.5, 'brier': 0.37}
    """
    names = tuple(EACH_EPOCH if names is None else names)
    for name in names:
        lookup(METRICS, "metric", name)
    values = evaluate_checked(*checked(probs, labels), names)
    return {name: in_kind_of(probs, value) for name, value in values.items()}


def evaluate_checked(probs: Tensor, labels: Tensor, names: Iterable[str]) -> dict[str, Tensor]:
    """`evaluate` for tensors that are known to be right: float64 probs and int64 labels on one device.

    Nothing is checked, so that on a GPU nobody waits.
    """
    metrics = {name: lookup(METRICS, "metric", name) for name in names}
    fields = {name: TOGETHER[name] for name in metrics if name in TOGETHER}
    wholes = {whole: applied(whole, probs, labels) for whole in {whole for whole, _ in fields.values()}}
    values = {name: getattr(wholes[whole], field) for name, (whole, field) in fields.items()}
    alone = {name: applied(one.__wrapped__, probs, labels) for name, one in metrics.items() if name not in values}
    return {name: values[name] if name in values else alone[name] for name in metrics}
