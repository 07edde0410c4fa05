"""Balanced accuracy, macro F1 and the majority's rate against sklearn, and where a class is empty on either side."""

import warnings

import numpy as np
import pytest
import torch
from sklearn.metrics import balanced_accuracy_score, f1_score, recall_score

from lsbench.metrics import balanced_accuracy, macro_f1, majority_rate, majority_recall, recall
from tests.in_turn import in_turn
from tests.metrics.metric_cases import SIZES, random_case


def sure(*classes: int, num_classes: int = 4) -> torch.Tensor:
    """Probs that answer these classes."""
    return torch.eye(num_classes, dtype=torch.float64)[list(classes)]


def sklearns(labels, predicted, num_classes):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of classes that are predicted only
        f1 = {name: f1_score(labels, predicted, average="macro", **of) for name, of in F1.items()}
        f1["nan"] = f1_score(
            labels, predicted, labels=range(num_classes), average="macro", zero_division=np.nan
        )  # all classes, the undefined left out
        return balanced_accuracy_score(labels, predicted), f1


F1 = {"0": {"zero_division": 0}, "warn": {}}  # of the classes that occur on either side


@in_turn(("n", "num_classes"), [*SIZES, (3, 50)])
@in_turn("skew", [0, 1])
def test_the_metrics_equal_sklearns(n, num_classes, skew):
    probs, labels = random_case(n, num_classes, seed=n)
    labels = labels % max(1, num_classes // 2) if skew else labels  # half of the classes have no example
    balanced, f1 = sklearns(labels, probs.argmax(-1), num_classes)
    assert float(balanced_accuracy(probs, labels)) == pytest.approx(balanced, abs=1e-15)
    assert dict.fromkeys(f1, float(macro_f1(probs, labels))) == pytest.approx(f1, abs=1e-15)
    counts = labels.bincount()
    assert float(majority_rate(probs, labels)) == int(counts.max()) / n
    recalls = recall_score(labels, probs.argmax(-1), labels=range(num_classes), average=None, zero_division=np.nan)
    assert float(majority_recall(probs, labels)) == pytest.approx(recalls[int(counts.argmax())], abs=1e-15)
    np.testing.assert_allclose(recall(probs, labels), recalls, atol=1e-15)
    stacked = recall(torch.stack([probs, probs.flip(-1)]), torch.stack([labels, labels]))
    np.testing.assert_allclose(stacked[0], recalls, atol=1e-15)


@in_turn(
    ("labels", "predicted", "balanced", "f1", "majority"),
    [
        ([0, 0, 0, 1], [0, 0, 0, 0], 1 / 2, (6 / 7 + 0) / 2, 3 / 4),  # class 1 is never predicted: recall and F1 are 0
        ([0, 0, 0, 0], [0, 0, 0, 1], 3 / 4, (6 / 7 + 0) / 2, 1),  # class 1 has no example: no recall, an F1 of 0
        ([0, 0, 1, 1], [0, 0, 1, 1], 1, 1, 1 / 2),  # classes 2 and 3 have neither: left out
        ([3], [3], 1, 1, 1),
        ([3], [0], 0, 0, 1),
        ([0, 1, 2, 3], [1, 2, 3, 0], 0, 0, 1 / 4),
    ],
)
def test_classes_that_are_empty_on_either_side(labels, predicted, balanced, f1, majority):
    probs, y = sure(*predicted), torch.tensor(labels)
    assert float(balanced_accuracy(probs, y)) == pytest.approx(balanced, abs=1e-15)
    assert float(macro_f1(probs, y)) == pytest.approx(f1, abs=1e-15)
    assert float(majority_rate(probs, y)) == majority
    assert sklearns(labels, predicted, 4) == (
        pytest.approx(balanced),
        pytest.approx(dict.fromkeys(["0", "warn", "nan"], f1)),
    )


def test_always_answering_the_majority_has_its_rate_as_accuracy_and_half_as_balanced_accuracy():
    labels = torch.tensor([0] * 98 + [1] * 2)
    always = sure(*[0] * 100, num_classes=2)
    assert float(majority_rate(always, labels)) == 0.98
    assert float(balanced_accuracy(always, labels)) == 0.5
    assert float(majority_recall(always, labels)) == 1


def test_of_equally_frequent_classes_the_first_is_the_majority():
    assert float(majority_recall(sure(1, 1, 2, 2), torch.tensor([1, 1, 2, 2]))) == 1
    assert float(majority_recall(sure(1, 1, 1, 1), torch.tensor([2, 2, 1, 1]))) == 1
    assert float(majority_recall(sure(2, 2, 2, 2), torch.tensor([2, 2, 1, 1]))) == 0
