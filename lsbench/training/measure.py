"""What is measured of a stack after each epoch: one flat dictionary of numbers per cell."""

import math
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from lsbench.metrics import METRICS
from lsbench.metrics.suite import EACH_EPOCH, evaluate_checked
from lsbench.names import resolve
from lsbench.rows.truth import TRUE
from lsbench.training.predict import Predictions

Numbers = dict[str, float | None]
Columns = dict[str, Tensor]  # (cells,) float64 on the device; NaN where a cell has no such number


def measure(predictions: Predictions, *, last: bool) -> list[Numbers]:
    """Per cell, the metrics on the test set (all of them last) and on the held-out examples, and training accuracies.

    Held-out examples are measured by their given labels (`val_`) and by the published ones (`val_clean_`). A cell
    whose logits are not finite has None for all metrics. All numbers are read at once, as a GPU is waited for then.
    """
    columns = metric_columns("", predictions.test, predictions.test_labels, METRICS if last else EACH_EPOCH)
    if predictions.val.shape[1]:
        columns |= held_out_columns(predictions)
    return read(columns | memorisation(predictions.train, predictions.train_given, predictions.train_clean))


def held_out_columns(predictions: Predictions) -> Columns:
    """`val_<metric>` by the given labels and `val_clean_<metric>` by the published ones."""
    given, clean = predictions.val_given, predictions.val_clean
    columns = metric_columns("val_", predictions.val, given)
    if given.device.type == "cpu" and torch.equal(given, clean):  # as without noise: what was measured once
        return columns | {f"val_clean_{name.removeprefix('val_')}": values for name, values in columns.items()}
    return columns | metric_columns("val_clean_", predictions.val, clean)


def with_true_metrics(numbers: Sequence[Numbers], predictions: Predictions) -> list[Numbers]:
    """The same, and for each cell with wrong test labels its metrics against the published ones, `true_<metric>`."""
    true = true_metrics(predictions.test, predictions, range(len(numbers)), METRICS)
    return [{**own, **true.get(cell, {})} for cell, own in enumerate(numbers)]


def true_metrics(
    log_probs: Tensor, predictions: Predictions, cells: Sequence[int], names: Iterable[str]
) -> dict[int, Numbers]:
    """`true_<metric>` of each of the cells that has wrong test labels; log_probs (len(cells), n, K) of them."""
    wrong = (predictions.test_labels != predictions.test_clean).any(1).tolist()
    places = [place for place, cell in enumerate(cells) if wrong[cell]]
    if not places:
        return {}
    clean = predictions.test_clean[[cells[place] for place in places]]
    measured = metrics_of(TRUE, log_probs[places], clean, names)
    return {cells[place]: own for place, own in zip(places, measured, strict=True)}


def is_measured_once(name: str) -> bool:
    """Whether a number is measured after the last epoch only, and has no curve."""
    return name.startswith(TRUE) or (name in METRICS and name not in EACH_EPOCH)


def memorisation(predicted: Tensor, given: Tensor, clean: Tensor) -> Columns:
    """How often the given label is predicted, where it is right and where it is wrong apart.

    predicted, given, clean: (cells, m). The accuracy on wrong labels is what was memorised; NaN where there are none.
    """
    right, fitted = given == clean, predicted == given
    return {
        "train_accuracy_clean": (fitted & right).sum(1).double() / right.sum(1),
        "train_accuracy_wrong": (fitted & ~right).sum(1).double() / (~right).sum(1),
    }


def metrics_of(prefix: str, log_probs: Tensor, labels: Tensor, names: Iterable[str] = EACH_EPOCH) -> list[Numbers]:
    """Per cell, the metrics of its log-probs (cells, n, K); None where these are no numbers."""
    return read(metric_columns(prefix, log_probs, labels, names))


def metric_columns(prefix: str, log_probs: Tensor, labels: Tensor, names: Iterable[str] = EACH_EPOCH) -> Columns:
    """The metrics of log-probs (cells, n, K); NaN for a cell whose log-probs are no numbers. Nothing is read.

    NLL is taken from the log-probs: a prob that underflows to 0 must not make it infinite.
    """
    sound = ~log_probs.sum((-1, -2)).isnan()  # (cells,): a sum with a NaN is one, and none is inf - inf
    if log_probs.device.type != "cpu" or not sound.all():
        log_probs = log_probs.where(sound.view(-1, 1, 1), -math.log(log_probs.shape[-1]))
    values = {
        **evaluate_checked(log_probs.exp(), labels, names),
        "nll": -log_probs.gather(-1, labels.unsqueeze(-1)).mean((-1, -2)),
    }
    return {prefix + name: value.where(sound, math.nan) for name, value in values.items()}


def read(columns: Columns) -> list[Numbers]:
    """Per cell, its numbers, None for NaN: all columns come to the CPU as one tensor."""
    cells = torch.stack([values.double() for values in columns.values()], 1).tolist()
    return [
        {name: None if math.isnan(value) else value for name, value in zip(columns, values, strict=True)}
        for values in cells
    ]


def with_own_metrics(numbers: Sequence[Numbers], predictions: Predictions, names: Sequence[str]) -> list[Numbers]:
    """The same with the user's metrics f(probs (n, K), labels (n,)) -> number, on the test set after the last epoch.

    They are given tensors on the CPU, wherever the cell was trained, as numpy and other libraries take these alone. A
    cell whose probs are not numbers has None for them: their functions need not take NaN.
    """
    functions = {name: resolve.load_any("metric", name) for name in names}
    tested = zip(numbers, predictions.test.exp().cpu(), predictions.test_labels.cpu(), strict=True)
    return [
        {**own, **{name: None if probs.isnan().any() else finite(float(f(probs, y))) for name, f in functions.items()}}
        for own, probs, y in tested
    ]


def finite(value: float | None) -> float | None:
    """The value, or None where it is not a finite number."""
    return value if value is not None and math.isfinite(value) else None
