"""What is looked at once, after the last epoch: temperature scaling, the shape of the confidences, the noise."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from lsbench.catalogue import TEMPERATURES
from lsbench.measure import Seen, metrics_of
from lsbench.metrics import METRICS, risk_at_coverage, sketch
from lsbench.metrics.binning import top_label_bins
from lsbench.noise import estimate_noise
from lsbench.sketch import Sums, pack
from lsbench.temperature import fit_temperature

Matrix = Sequence[Sequence[float | None]]  # P(given | true), as a passport has it
UNMOVED = ("accuracy", "error_rate", "brier_uncertainty")  # a temperature does not change them
SCALED = tuple(name for name in METRICS if name not in UNMOVED)
BINS = 15


@dataclass(frozen=True)
class Finding:
    """What one cell's row tells beyond its metrics; empty where its logits are not finite."""

    scaled: dict[str, Any] = field(default_factory=dict)
    sketch: str | None = None
    risk_coverage: list[float] = field(default_factory=list)
    noise_estimate: dict[str, Any] = field(default_factory=dict)


def examine(seen: Seen, matrices: Sequence[Matrix]) -> list[Finding]:
    """A finding per cell; matrices holds the realised noise of each."""
    return [_examine(seen, cell, matrix) for cell, matrix in enumerate(matrices)]


def _examine(seen: Seen, cell: int, matrix: Matrix) -> Finding:
    test, labels, val = seen.test[cell], seen.test_labels[cell], seen.val[cell]
    if not (test.isfinite().all() and val.isfinite().all()):
        return Finding()
    sums = sketch(test.exp(), labels)
    given, clean = seen.val_given[cell], seen.val_clean[cell]
    return Finding(
        scaled=_scaled(test, labels, val, given, clean, as_tensor(matrix, test)) if len(val) else {},
        sketch=pack(Sums(*(of.cpu().numpy() for of in (sums.count, sums.confidence, sums.correct)))),
        risk_coverage=[round(risk, 9) for risk in risk_at_coverage(test.exp(), labels).tolist()],
        noise_estimate=_noise_estimate(val, given) if len(val) else {},
    )


def as_tensor(matrix: Matrix, like: Tensor) -> Tensor:
    """The noise matrix (K, K) in float64; a class that never occurs keeps its labels."""
    rows = [[float(i == j) if p is None else p for j, p in enumerate(row)] for i, row in enumerate(matrix)]
    return torch.tensor(rows, dtype=torch.float64, device=like.device)


def _scaled(
    test: Tensor, labels: Tensor, val: Tensor, given: Tensor, clean: Tensor, noise: Tensor
) -> dict[str, dict[str, Any]]:
    """Every way of fitting the temperature, and the test set after it; without wrong labels all ways are one."""
    plain = _after(test, labels, *_fit(val, given))
    if bool((noise.diagonal() == 1).all()):
        return dict.fromkeys(TEMPERATURES, plain)
    return {
        "noisy": plain,
        "forward": _after(test, labels, *_fit(val, given, noise)),
        "oracle": _after(test, labels, *_fit(val, clean)),
    }


def _fit(val: Tensor, labels: Tensor, noise: Tensor | None = None) -> tuple[float, str]:
    fit = fit_temperature(val, labels, noise=noise)
    return float(fit.value), fit.status


def _after(test: Tensor, labels: Tensor, temperature: float, status: str) -> dict[str, Any]:
    log_probs = (test / temperature).log_softmax(-1)
    (metrics,) = metrics_of("", log_probs[None], labels[None], SCALED)
    bins = top_label_bins(log_probs.exp(), labels, BINS, "right")
    return {
        "temperature": temperature,
        "status": status,
        "metrics": {name: finite(value) for name, value in metrics.items()},
        "bins": {name: [round(of, 6) for of in sums.tolist()] for name, sums in vars(bins).items()},
    }


def _noise_estimate(val: Tensor, given: Tensor) -> dict[str, Any]:
    found = estimate_noise(val.exp(), given)
    return {"rate": found.rate, "matrix": found.matrix, "count": len(given)}


def finite(value: float | None) -> float | None:
    """The value, or None where it is not a finite number."""
    return value if value is not None and math.isfinite(value) else None
