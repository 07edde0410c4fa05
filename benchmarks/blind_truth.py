"""What was true of the claims of a verdict: the same networks and test images, measured against the true labels.

A claim is about two losses and a criterion: on given labels A is better than B. Its truth is D = mean over seeds and
test images of m(A) - m(B), m measured against the true labels of the same test set, by the predictions that these
networks gave (`--save-logits`). ECE, AURC and the signed error are no means over images; of these D is the mean over
seeds of the differences. Differences are turned so that more is better.

- right: D > 0. The claim's sign is the true one.
- reversed: D <= 0. Whatever the user was told, the other one was at least as good here.
- shown reversed: D < 0 by so much that the 95 % interval leaves 0 out. It counts seeds (Student's t over the paired
  differences) and, where m is a mean over images, the draw of images (normal), added as variances: it is about new
  seeds and new images, as the claim is.

"True gap" of a set: the true accuracy of the best loss minus that of ce, of the losses in the verdict; means over
seeds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from lsbench.analysis.summary import arms_of
from lsbench.metrics import evaluate
from lsbench.rows import store
from lsbench.rows.examples import read_examples
from lsbench.rows.row import Row

SCALARS = {"accuracy": "accuracy", "nll": "nll", "brier": "brier", "ece": "ece", "selective": "aurc"}
METRICS = (*SCALARS.values(), "signed_error")
PER_IMAGE = ("accuracy", "nll", "brier")
LOWEST = -104.0  # of a log-prob: what is below float32's smallest number has the probability 0 there
CRITERIA = ("accuracy", "nll", "ece", "calibration", "selective")


@dataclass(frozen=True)
class Network:
    """One trained network against the true labels y (n,); log_probs (n, K)."""

    log_probs: np.ndarray
    labels: np.ndarray

    @cached_property
    def probs(self) -> np.ndarray:
        """(n, K), float64."""
        return np.exp(self.log_probs.astype(float))

    @cached_property
    def metrics(self) -> Mapping[str, float]:
        """Every metric, as lsbench defines it."""
        normalised = self.probs / self.probs.sum(1, keepdims=True)
        return {name: float(value) for name, value in evaluate(normalised, self.labels, names=METRICS).items()}

    def value(self, criterion: str) -> float:
        """By a criterion, turned so that more is better."""
        if criterion == "calibration":
            return -abs(self.metrics["signed_error"])
        value = self.metrics[SCALARS[criterion]]
        return value if criterion == "accuracy" else -value

    def of_images(self, criterion: str) -> np.ndarray:
        """The metric of each test image (n,), more is better."""
        rows = np.arange(len(self.labels))
        if criterion == "accuracy":
            return (self.log_probs.argmax(1) == self.labels).astype(float)
        if criterion == "nll":
            return self.log_probs[rows, self.labels].astype(float)
        return -((self.probs**2).sum(1) - 2 * self.probs[rows, self.labels] + 1)


Networks = Mapping[str, Mapping[int, Network]]  # by the arm's name and the seed


def networks_of(rows: Iterable[Row], folder: Path, true: np.ndarray, given: np.ndarray | None = None) -> Networks:
    """The trained network of each row; `ValueError` where its test labels are not the given ones."""
    return {
        arm.name: {row.cell.seed: _network(row.id, folder, true, given) for row in arm.rows} for arm in arms_of(rows)
    }


def _network(row_id: str, folder: Path, true: np.ndarray, given: np.ndarray | None) -> Network:
    with np.load(store.logits_path(row_id, folder / "logits")) as arrays:
        log_probs, labels = arrays["test"], arrays["test_labels"]
    if given is not None and not np.array_equal(labels, given):
        raise ValueError(f"{folder}: the test labels of {row_id} are not the given ones, in their order")
    return Network(np.maximum(log_probs, LOWEST), true.astype(np.int64))


def true_accuracy(rows: Iterable[Row], folder: Path, true: np.ndarray) -> float:
    """The mean over rows, by what every run keeps of each test image."""
    paths = [store.examples_path(row.id, folder) for row in rows]
    kept = [examples for path in paths if (examples := read_examples(path))]
    return float(np.mean([(examples.predicted == true).mean() for examples in kept]))


def true_mean(networks: Mapping[int, Network], criterion: str = "accuracy") -> float:
    """The mean over seeds, more is better."""
    return float(np.mean([network.value(criterion) for network in networks.values()]))


def true_difference(one: Mapping[int, Network], other: Mapping[int, Network], criterion: str) -> dict[str, float]:
    """D and its 95 % interval over seeds and images, over the seeds that both have."""
    seeds = sorted(one.keys() & other.keys())
    gaps = np.array([one[seed].value(criterion) - other[seed].value(criterion) for seed in seeds])
    half_seeds = stats.t.ppf(0.975, len(gaps) - 1) * gaps.std(ddof=1) / np.sqrt(len(gaps)) if len(gaps) > 1 else np.inf
    half = float(np.hypot(half_seeds, _half_images([(one[s], other[s]) for s in seeds], criterion)))
    return {"mean": float(gaps.mean()), "low": float(gaps.mean() - half), "high": float(gaps.mean() + half)}


def _half_images(pairs: list[tuple[Network, Network]], criterion: str) -> float:
    if criterion not in PER_IMAGE:
        return 0.0
    images = np.mean([a.of_images(criterion) - b.of_images(criterion) for a, b in pairs], axis=0)
    return float(stats.norm.ppf(0.975) * images.std(ddof=1) / np.sqrt(len(images)))


def judged(claims: list[dict[str, Any]], criterion: str, networks: Networks) -> list[dict[str, Any]]:
    """Each claim with what is true of it; `claims` have better, worse: the name of an arm."""
    return [one | _truth(one["better"], one["worse"], criterion, networks) for one in claims]


def _truth(better: str, worse: str, criterion: str, networks: Networks) -> dict[str, Any]:
    true = true_difference(networks[better], networks[worse], criterion)
    return {"criterion": criterion, "true": true, "reversed": true["mean"] <= 0, "shown_reversed": true["high"] < 0}
