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
from lsbench.training.devices import at_once
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
    cells = [cell for cell, is_finite in enumerate(finite_cells.tolist()) if is_finite]
    scaled = _scaled(predictions, cells, matrices) if predictions.val.shape[1] else {}
    size = at_once(predictions.test.device.type, predictions.test.shape[1:].numel())
    parts = [cells[first : first + size] for first in range(0, len(cells), size)]
    measured = {cell: own for part in parts for cell, own in zip(part, _of_cells(predictions, part), strict=True)}
    return [
        replace(measured[cell], scaled=scaled.get(cell, {})) if cell in measured else AfterTraining()
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
    if not any(keep):
        return list(after)
    units = None if units is None or len(np.unique(units)) == len(units) else units
    of_cells = (held_out, predictions.val_given, predictions.val, predictions.test)
    parts = zip(*(part.cpu() for part in of_cells), strict=True)
    return [
        replace(after_cell, predictions=_packed(part, units)) if kept else after_cell
        for after_cell, kept, part in zip(after, keep, parts, strict=True)
    ]


def _packed(part: Sequence[Tensor], units: NDArray[np.int64] | None) -> bytes | None:
    """Of one cell: numbers, given labels and log-probs of held-out examples, log-probs of the test set.

    None where a log-prob is no number.
    """
    if any(values.isnan().any() for values in part):
        return None
    numbers, given, val, test = (values.numpy() for values in part)
    return pack_predictions(HeldOutPredictions(numbers, given, val, test, None if units is None else units[numbers]))


def _of_cells(predictions: Predictions, cells: Sequence[int]) -> list[AfterTraining]:
    """All but the temperatures, of some of the cells."""
    probs, labels = _some(predictions.test, cells).exp(), _some(predictions.test_labels, cells)
    sums = sketch(probs, labels)
    return [
        AfterTraining(
            sketch=pack(Sums(*of_cell)),
            risk_coverage=[round(risk, 9) for risk in risks],
            recall=recalls,
            noise_estimate=estimate,
        )
        for of_cell, risks, recalls, estimate in zip(
            zip(*(part.cpu().numpy() for part in (sums.count, sums.confidence, sums.correct)), strict=True),
            risk_at_coverage(probs, labels).tolist(),
            _recalls(probs, labels, _some(predictions.test_clean, cells)),
            _noise_estimates(_some(predictions.val, cells), _some(predictions.val_given, cells)),
            strict=True,
        )
    ]


def _some(values: Tensor, cells: Sequence[int]) -> Tensor:
    """The values of some cells, in the same order in memory; a view where these are neighbours."""
    first, end = cells[0], cells[-1] + 1
    if end - first == len(cells):
        return values[first:end]
    return values.mT[cells].mT if values.ndim > 2 else values[cells]


def _recalls(probs: Tensor, labels: Tensor, clean: Tensor) -> list[dict[str, list[float | None]]]:
    """By the test labels as they are given and, where some of these were made wrong, by the published ones."""
    given, wrong = recall(probs, labels).tolist(), (labels != clean).any(1).tolist()
    true = recall(probs, clean).tolist() if any(wrong) else given
    return [
        {part: list(map(finite, values)) for part, values in ((TEST, own), (TRUE_TEST, other))[: 1 + is_wrong]}
        for own, other, is_wrong in zip(given, true, wrong, strict=True)
    ]


def as_tensor(matrix: Matrix, like: Tensor) -> Tensor:
    """The noise matrix (K, K) in float64; a class that never occurs keeps its labels."""
    return as_tensors([matrix], like)[0]


def as_tensors(matrices: Sequence[Matrix], like: Tensor) -> Tensor:
    """As `as_tensor`, of several cells, (cells, K, K)."""
    rows = [
        [[float(i == j) if p is None else p for j, p in enumerate(row)] for i, row in enumerate(m)] for m in matrices
    ]
    return torch.tensor(rows, dtype=torch.float64, device=like.device)


def _scaled(predictions: Predictions, cells: Sequence[int], matrices: Sequence[Matrix]) -> dict[int, dict[str, Any]]:
    """For each cell every way of fitting the temperature, and the test set after it.

    Without wrong labels a way that needs the noise or clean labels is the first way. The test sets of a way are
    measured together, one per cell.
    """
    noisy = [cell for cell in cells if any(row[i] not in (1, None) for i, row in enumerate(matrices[cell]))]
    after = {
        way: _after(predictions, _fits(entry, predictions, noisy if entry.needs else cells, matrices))
        for way, entry in TEMPERATURES.items()
    }
    first = next(iter(TEMPERATURES))
    return {cell: {way: after[way].get(cell, after[first][cell]) for way in TEMPERATURES} for cell in cells}


def _fits(
    way: TemperatureScaling, predictions: Predictions, cells: Sequence[int], matrices: Sequence[Matrix]
) -> dict[int, tuple[float, str]]:
    """The temperature of each of the cells and its status."""
    if not cells:
        return {}
    needed = {
        "matrix": lambda: as_tensors([matrices[cell] for cell in cells], predictions.val),
        "clean": lambda: _some(predictions.val_clean, cells),
    }
    fit = load(way.ref)(
        _some(predictions.val, cells),
        _some(predictions.val_given, cells),
        **{name: needed[name]() for name in way.needs},
    )
    return dict(zip(cells, zip(fit.value.tolist(), fit.status, strict=True), strict=True))


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


def _noise_estimates(val: Tensor, given: Tensor) -> list[dict[str, Any]]:
    """Of each cell; {} without held-out examples."""
    if not val.shape[1]:
        return [{}] * len(val)
    estimates = [estimate_noise(*of_cell) for of_cell in zip(val.exp().cpu(), given.cpu(), strict=True)]
    return [{"rate": own.rate, "matrix": own.matrix, "count": own.count} for own in estimates]
