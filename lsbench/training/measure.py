"""What is measured of a stack after each epoch: one flat dictionary of numbers per cell."""

import math
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from lsbench.metrics import METRICS, evaluate
from lsbench.metrics.suite import EACH_EPOCH
from lsbench.names import resolve
from lsbench.rows.truth import TRUE
from lsbench.training.predict import Predictions

Numbers = dict[str, float | None]


def measure(predictions: Predictions, *, last: bool) -> list[Numbers]:
    """Per cell, the metrics on the test set (all of them last) and on the held-out examples, and training accuracies.

    Held-out examples are measured by their given labels (`val_`) and by the published ones (`val_clean_`). A cell
    whose logits are not finite has None for all metrics.
    """
    numbers = metrics_of("", predictions.test, predictions.test_labels, METRICS if last else EACH_EPOCH)
    if predictions.val.shape[1]:
        numbers = _join(numbers, held_out_metrics(predictions))
    return _join(numbers, memorisation(predictions.train, predictions.train_given, predictions.train_clean))


def held_out_metrics(predictions: Predictions) -> list[Numbers]:
    """Per cell, `val_<metric>` by the given labels and `val_clean_<metric>` by the published ones."""
    given = metrics_of("val_", predictions.val, predictions.val_given)
    if torch.equal(predictions.val_given, predictions.val_clean):  # as without noise: what was measured once
        clean = [{f"val_clean_{name.removeprefix('val_')}": value for name, value in own.items()} for own in given]
    else:
        clean = metrics_of("val_clean_", predictions.val, predictions.val_clean)
    return _join(given, clean)


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


def memorisation(predicted: Tensor, given: Tensor, clean: Tensor) -> list[Numbers]:
    """Per cell, how often the given label is predicted, where it is right and where it is wrong apart.

    predicted, given, clean: (cells, m). The accuracy on wrong labels is what was memorised; None where there are none.
    """
    right = given == clean
    fitted = predicted == given
    return [
        {
            "train_accuracy_clean": _share(fitted[cell], right[cell]),
            "train_accuracy_wrong": _share(fitted[cell], ~right[cell]),
        }
        for cell in range(len(given))
    ]


def metrics_of(prefix: str, log_probs: Tensor, labels: Tensor, names: Iterable[str] = EACH_EPOCH) -> list[Numbers]:
    """`evaluate` for the cells whose log-probs (cells, n, K) are numbers; None for the others.

    NLL is taken from the log-probs: a prob that underflows to 0 must not make it infinite.
    """
    sound = ~log_probs.sum((-1, -2)).isnan()  # (cells,): a sum with a NaN is one, and none is inf - inf
    if not sound.all():
        log_probs, labels = log_probs[sound], labels[sound]
    values = {
        **evaluate(log_probs.exp(), labels, names=names),
        "nll": -log_probs.gather(-1, labels.unsqueeze(-1)).mean((-1, -2)),
    }
    columns = {name: iter(value.tolist()) for name, value in values.items()}
    return [{prefix + name: next(column) if ok else None for name, column in columns.items()} for ok in sound.tolist()]


def own_metrics(predictions: Predictions, names: Sequence[str]) -> list[Numbers]:
    """Per cell, the user's metrics f(probs (n, K), labels (n,)) -> number, on the test set after the last epoch.

    They are given tensors on the CPU, wherever the cell was trained, as numpy and other libraries take these alone. A
    cell whose probs are not numbers has None for them: their functions need not take NaN.
    """
    functions = {name: resolve.load_any("metric", name) for name in names}
    return [
        {name: None if probs.isnan().any() else finite(float(f(probs, labels))) for name, f in functions.items()}
        for probs, labels in zip(predictions.test.exp().cpu(), predictions.test_labels.cpu(), strict=True)
    ]


def finite(value: float | None) -> float | None:
    """The value, or None where it is not a finite number."""
    return value if value is not None and math.isfinite(value) else None


def _share(fitted: Tensor, among: Tensor) -> float | None:
    count = int(among.sum())
    return int((fitted & among).sum()) / count if count else None


def _join(left: list[Numbers], right: list[Numbers]) -> list[Numbers]:
    return [{**a, **b} for a, b in zip(left, right, strict=True)]
