"""What is measured once, after the last epoch: temperature scaling, a histogram of confidences, the noise."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lsbench.metrics import recall, risk_at_coverage, sketch
from lsbench.metrics.binning import top_label_bins
from lsbench.names.bins import DEFAULT_BINS
from lsbench.names.catalogue import METRICS, TEMPERATURES, TemperatureScaling
from lsbench.names.registry import load
from lsbench.noise import estimate_noise
from lsbench.rows.examples import ExamplePredictions, pack_examples
from lsbench.rows.predictions import HeldOutPredictions, pack_predictions
from lsbench.rows.sketch import Sums, pack
from lsbench.rows.status import TEST
from lsbench.rows.truth import TRUE_TEST
from lsbench.training.measure import finite, metrics_of, true_metrics
from lsbench.training.predict import Predictions

Matrix = Sequence[Sequence[float | None]]  # P(given | true), as a label-noise record has it
SCALED = tuple(name for name, metric in METRICS.items() if metric.moved)  # what a temperature changes


@dataclass(frozen=True)
class AfterTraining:
    """What one cell's row holds beyond its metrics; empty where its logits are not finite."""

    scaled: dict[str, Any] = field(default_factory=dict)
    sketch: str | None = None
    risk_coverage: list[float] = field(default_factory=list)
    recall: dict[str, list[float | None]] = field(default_factory=dict)
    noise_estimate: dict[str, Any] = field(default_factory=dict)
    examples: bytes | None = None
    predictions: bytes | None = None


def measure_after_training(predictions: Predictions, matrices: Sequence[Matrix]) -> list[AfterTraining]:
    """What is measured once, per cell; matrices: the realised noise of each cell, P(given | true)."""
    finite_cells = predictions.test.isfinite().all(-1).all(-1) & predictions.val.isfinite().all(-1).all(-1)
    finite_only = [cell for cell, is_finite in enumerate(finite_cells.tolist()) if is_finite]
    scaled = _scaled(predictions, finite_only, matrices) if predictions.val.shape[1] else {}
    return [
        _of_cell(predictions, cell, scaled.get(cell, {})) if cell in finite_only else AfterTraining()
        for cell in range(len(matrices))
    ]


def with_examples(
    after: Sequence[AfterTraining], predictions: Predictions, groups: NDArray[np.int64] | None = None
) -> list[AfterTraining]:
    """The same, with what each test example got, for the file that is kept beside a row; groups (n,): of each."""
    most, predicted = predictions.test.max(-1)
    of_label = predictions.test.gather(-1, predictions.test_labels.unsqueeze(-1)).squeeze(-1)
    arrays = (predictions.test_labels, predicted, of_label, most.exp(), predictions.test_clean)
    per_cell = zip(after, *(array.cpu().numpy() for array in arrays), strict=True)
    return [
        replace(cell, examples=pack_examples(ExamplePredictions(*of_cell, groups=groups))) if cell.sketch else cell
        for cell, *of_cell in per_cell
    ]


def with_predictions(
    after: Sequence[AfterTraining],
    predictions: Predictions,
    held_out: Tensor,
    keep: Sequence[bool],
    units: NDArray[np.int64] | None = None,
) -> list[AfterTraining]:
    """The same, with the log-probs of the cells to `keep`; held_out (cells, v): numbers of their held-out examples.

    units (n,): of each training example, where examples that share one are kept together.
    """
    units = None if units is None or len(np.unique(units)) == len(units) else units
    return [
        replace(after_cell, predictions=_packed(predictions, held_out, cell, units)) if keep[cell] else after_cell
        for cell, after_cell in enumerate(after)
    ]


def _packed(predictions: Predictions, held_out: Tensor, cell: int, units: NDArray[np.int64] | None) -> bytes | None:
    """None where a log-prob is no number."""
    parts = (held_out[cell], predictions.val_given[cell], predictions.val[cell], predictions.test[cell])
    if any(part.isnan().any() for part in parts):
        return None
    numbers, given, val, test = (part.cpu().numpy() for part in parts)
    of_units = None if units is None else units[numbers]
    return pack_predictions(HeldOutPredictions(numbers, given, val, test, of_units))


def _of_cell(predictions: Predictions, cell: int, scaled: dict[str, Any]) -> AfterTraining:
    probs, labels = predictions.test[cell].exp(), predictions.test_labels[cell]
    val, given = predictions.val[cell], predictions.val_given[cell]
    sums = sketch(probs, labels)
    return AfterTraining(
        scaled=scaled,
        sketch=pack(Sums(*(per_bin.cpu().numpy() for per_bin in (sums.count, sums.confidence, sums.correct)))),
        risk_coverage=[round(risk, 9) for risk in risk_at_coverage(probs, labels).tolist()],
        recall=_recall(probs, labels, predictions.test_clean[cell]),
        noise_estimate=_noise_estimate(val, given) if len(val) else {},
    )


def _recall(probs: Tensor, labels: Tensor, clean: Tensor) -> dict[str, list[float | None]]:
    """By the test labels as they are given and, where some of these were made wrong, by the published ones."""
    of_labels = {TEST: labels, **({} if torch.equal(labels, clean) else {TRUE_TEST: clean})}
    return {part: list(map(finite, recall(probs, these).tolist())) for part, these in of_labels.items()}


def as_tensor(matrix: Matrix, like: Tensor) -> Tensor:
    """The noise matrix (K, K) in float64; a class that never occurs keeps its labels."""
    rows = [[float(i == j) if p is None else p for j, p in enumerate(row)] for i, row in enumerate(matrix)]
    return torch.tensor(rows, dtype=torch.float64, device=like.device)


def _scaled(predictions: Predictions, cells: Sequence[int], matrices: Sequence[Matrix]) -> dict[int, dict[str, Any]]:
    """For each cell every way of fitting the temperature, and the test set after it.

    Without wrong labels a way that needs the noise or clean labels is the first way. The test sets of a way are
    measured together, one per cell.
    """
    noise = {cell: as_tensor(matrices[cell], predictions.test) for cell in cells}
    noisy = [cell for cell in cells if any(row[i] not in (1, None) for i, row in enumerate(matrices[cell]))]
    after = {
        way: _after(
            predictions,
            {cell: _fit(entry, predictions, cell, noise[cell]) for cell in (noisy if entry.needs else cells)},
        )
        for way, entry in TEMPERATURES.items()
    }
    first = next(iter(TEMPERATURES))
    return {cell: {way: after[way].get(cell, after[first][cell]) for way in TEMPERATURES} for cell in cells}


def _fit(way: TemperatureScaling, predictions: Predictions, cell: int, matrix: Tensor) -> tuple[float, str]:
    inputs = {"matrix": matrix, "clean": predictions.val_clean[cell]}
    fit = load(way.ref)(
        predictions.val[cell], predictions.val_given[cell], **{name: inputs[name] for name in way.needs}
    )
    return float(fit.value), fit.status


def _after(predictions: Predictions, fits: dict[int, tuple[float, str]]) -> dict[int, dict[str, Any]]:
    """The test set after scaling, of each cell that has a temperature and its status."""
    if not fits:
        return {}
    cells, temperatures = list(fits), predictions.test.new_tensor([temperature for temperature, _ in fits.values()])
    labels = predictions.test_labels[cells]
    log_probs = (predictions.test[cells] / temperatures.view(-1, 1, 1)).log_softmax(-1)
    true = true_metrics(log_probs, predictions, cells, SCALED)
    sums = {n: v.tolist() for n, v in vars(top_label_bins(log_probs.exp(), labels, DEFAULT_BINS, "right")).items()}
    return {
        cell: {
            "temperature": temperature,
            "status": status,
            "metrics": {name: finite(value) for name, value in {**metrics, **true.get(cell, {})}.items()},
            "bins": {name: [round(value, 6) for value in sums[name][i]] for name in sums},
        }
        for i, ((cell, (temperature, status)), metrics) in enumerate(
            zip(fits.items(), metrics_of("", log_probs, labels, SCALED), strict=True)
        )
    }


def _noise_estimate(val: Tensor, given: Tensor) -> dict[str, Any]:
    estimate = estimate_noise(val.exp(), given)
    return {"rate": estimate.rate, "matrix": estimate.matrix, "count": len(given)}
