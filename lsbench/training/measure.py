"""What is measured of a stack after each epoch: one flat dictionary of numbers per cell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import torch
from torch import Tensor

from lsbench.metrics import METRICS, evaluate
from lsbench.metrics.suite import EACH_EPOCH
from lsbench.models.stack import StackedModel
from lsbench.names.catalogue import Link
from lsbench.training.predict import predict_logits, to_log_probs

Numbers = dict[str, float | None]

PROBE, LAST_PROBE = 2_000, 10_000  # training examples per cell that an epoch, and the last one, look at


@dataclass(frozen=True)
class Subjects:
    """What a stack of cells is measured on, on its device."""

    images: Tensor  # (n, ...), the training set before the split
    given: Tensor  # (cells, n): its labels, wrong ones included
    clean: Tensor  # (n,): its labels as published
    train: Tensor  # (cells, m): indices of each cell's training examples
    val: Tensor  # (cells, v): indices of each cell's held-out examples
    test_images: Tensor
    test_labels: Tensor  # as published; never flipped


@dataclass(frozen=True)
class Seen:
    """What a stack says after an epoch of what it does not train on: log-probs in float64, beside the labels."""

    test: Tensor  # (cells, n, K)
    test_labels: Tensor  # (cells, n)
    val: Tensor  # (cells, v, K); v is 0 where nothing is held out
    val_given: Tensor  # (cells, v), wrong ones included
    val_clean: Tensor  # (cells, v)


def look(model: StackedModel, subjects: Subjects, links: Sequence[Link]) -> Seen:
    """Predict the test set and the held-out examples."""
    s = subjects
    test = _log_probs(model, s.test_images, None, links)
    val = _log_probs(model, s.images, s.val, links) if s.val.shape[1] else test[:, :0]
    return Seen(test, s.test_labels.expand(len(links), -1), val, s.given.gather(1, s.val), s.clean[s.val])


def measure(seen: Seen, model: StackedModel, subjects: Subjects, *, last: bool) -> list[Numbers]:
    """Per cell, the metrics on the test set (all of them last) and on the held-out examples, and training accuracies.

    Held-out examples are measured by their given labels (`val_`) and by the published ones (`val_clean_`). A cell
    whose logits are not finite has None for all metrics.
    """
    numbers = metrics_of("", seen.test, seen.test_labels, METRICS if last else EACH_EPOCH)
    if seen.val.shape[1]:
        numbers = _join(numbers, metrics_of("val_", seen.val, seen.val_given))
        numbers = _join(numbers, metrics_of("val_clean_", seen.val, seen.val_clean))
    fit = subjects.train[:, : LAST_PROBE if last else PROBE]
    predicted = predict_logits(model, subjects.images, fit).argmax(-1)  # the largest prob under either link
    return _join(numbers, memorisation(predicted, subjects.given.gather(1, fit), subjects.clean[fit]))


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


def _log_probs(model: StackedModel, images: Tensor, indices: Tensor | None, links: Sequence[Link]) -> Tensor:
    logits = predict_logits(model, images, indices)
    runs = [(link, len(list(group))) for link, group in groupby(links)]
    parts = logits.split([size for _, size in runs])
    return torch.cat([to_log_probs(part, link) for part, (link, _) in zip(parts, runs, strict=True)])


def metrics_of(prefix: str, log_probs: Tensor, labels: Tensor, names: Iterable[str] = EACH_EPOCH) -> list[Numbers]:
    """`evaluate` for the cells whose log-probs (cells, n, K) are numbers; None for the others.

    NLL is taken from the log-probs: a prob that underflows to 0 must not make it infinite.
    """
    sound = ~log_probs.isnan().any(-1).any(-1)  # (cells,)
    log_probs, labels = log_probs[sound], labels[sound]
    values = {
        **evaluate(log_probs.exp(), labels, names=names),
        "nll": -log_probs.gather(-1, labels.unsqueeze(-1)).mean((-1, -2)),
    }
    columns = {name: iter(value.tolist()) for name, value in values.items()}
    return [{prefix + name: next(column) if ok else None for name, column in columns.items()} for ok in sound.tolist()]


def _share(fitted: Tensor, among: Tensor) -> float | None:
    count = int(among.sum())
    return int((fitted & among).sum()) / count if count else None


def _join(left: list[Numbers], right: list[Numbers]) -> list[Numbers]:
    return [{**a, **b} for a, b in zip(left, right, strict=True)]
