"""Accuracy and the proper scores against sklearn, against plain formulas, and at their limits."""

import math

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, log_loss
from torch import Tensor

from lsbench.metrics import accuracy, brier, error_rate, nll
from tests.in_turn import in_turn


def random_case(n: int, num_classes: int) -> tuple[Tensor, Tensor]:
    draws = torch.Generator().manual_seed(n)
    probs = (2 * torch.randn(n, num_classes, generator=draws, dtype=torch.float64)).softmax(-1)
    return probs, torch.randint(num_classes, (n,), generator=draws)


def onehot(labels: Tensor, num_classes: int) -> Tensor:
    return torch.eye(num_classes, dtype=torch.float64)[labels]


def slow_brier(probs: list[list[float]], labels: list[int]) -> float:
    total = 0.0
    for row, label in zip(probs, labels, strict=True):
        total += sum((p - (c == label)) ** 2 for c, p in enumerate(row))
    return total / len(labels)


@in_turn("num_classes", [2, 10, 100])
@in_turn("n", [1, 7, 500])
def test_the_metrics_equal_sklearn_and_the_plain_formula(n: int, num_classes: int) -> None:
    probs, labels = random_case(n, num_classes)
    hits = accuracy_score(labels, probs.argmax(-1))
    assert float(accuracy(probs, labels)) == pytest.approx(hits, abs=1e-15)
    assert float(error_rate(probs, labels)) == pytest.approx(1 - hits, abs=1e-15)
    assert float(nll(probs, labels)) == pytest.approx(log_loss(labels, probs, labels=range(num_classes)), abs=1e-12)
    assert float(brier(probs, labels)) == pytest.approx(slow_brier(probs.tolist(), labels.tolist()), abs=1e-12)


def test_the_metrics_by_hand() -> None:
    probs = torch.tensor([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8], [0.25, 0.5, 0.25], [0.0, 0.0, 1.0]])
    labels = torch.tensor([0, 1, 1, 2])
    assert float(accuracy(probs, labels)) == 0.75
    assert float(error_rate(probs, labels)) == 0.25
    assert float(nll(probs, labels)) == pytest.approx((2 * math.log(2) + math.log(10)) / 4, abs=1e-7)
    assert float(brier(probs, labels)) == pytest.approx((0.38 + 1.46 + 0.375 + 0) / 4, abs=1e-7)


def test_sure_and_right_is_perfect() -> None:
    labels = torch.arange(4)
    probs = onehot(labels, 4)
    assert [float(f(probs, labels)) for f in (accuracy, error_rate, nll, brier)] == [1, 0, 0, 0]
    assert math.copysign(1, float(nll(probs, labels))) == 1  # not -0.0, which tables would print


def test_sure_and_wrong_is_as_bad_as_can_be() -> None:
    labels = torch.arange(4)
    probs = onehot((labels + 1) % 4, 4)
    assert [float(f(probs, labels)) for f in (accuracy, error_rate, nll, brier)] == [0, 1, math.inf, 2]


def test_one_impossible_label_makes_the_nll_infinite() -> None:
    probs = torch.tensor([[0.5, 0.5], [0.0, 1.0]])
    assert float(nll(probs, torch.tensor([0, 0]))) == math.inf
    assert float(nll(probs, torch.tensor([0, 1]))) == pytest.approx(math.log(2) / 2)


@in_turn("num_classes", [1, 2, 100])
def test_a_uniform_prediction_has_known_scores(num_classes: int) -> None:
    probs = torch.full((6, num_classes), 1 / num_classes, dtype=torch.float64)
    labels = torch.zeros(6, dtype=torch.long)
    assert float(nll(probs, labels)) == pytest.approx(math.log(num_classes), abs=1e-12)
    assert float(brier(probs, labels)) == pytest.approx(1 - 1 / num_classes, abs=1e-12)


def test_of_several_largest_probs_the_first_class_is_the_prediction() -> None:
    probs = torch.tensor([[0.2, 0.4, 0.4]] * 3)
    assert accuracy(probs, torch.tensor([1, 1, 1])) == 1
    assert accuracy(probs, torch.tensor([2, 2, 2])) == 0
    assert np.isclose(float(accuracy(probs, torch.tensor([0, 1, 2]))), 1 / 3)
