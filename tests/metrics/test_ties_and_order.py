"""Adaptive ECE and AURC: what depends on the order of the confidences, and not on that of the examples."""

import itertools

import numpy as np
import pytest
import torch
from torch import Tensor

from lsbench.errors import DtypeError, InputError
from lsbench.metrics import adaptive_calibration_error, aurc
from lsbench.metrics.ties import averaged_over_ties
from tests.in_turn import in_turn
from tests.metrics.metric_cases import SIZES, confidence_and_hits, random_case, tied_case, two_classes

sizes = pytest.mark.parametrize(("n", "num_classes"), SIZES)


def slow_adaptive(pairs: list[tuple[float, float]], bins: int) -> float:
    ordered = np.array(sorted(pairs, key=lambda pair: pair[0])).reshape(-1, 2)
    return sum(abs(float((part[:, 1] - part[:, 0]).sum())) for part in np.array_split(ordered, bins)) / len(pairs)


def slow_aurc(pairs: list[tuple[float, float]]) -> float:
    wrong = [1 - hit for _, hit in sorted(pairs, key=lambda pair: -pair[0])]
    return sum(sum(wrong[:k]) / k for k in range(1, len(wrong) + 1)) / len(wrong)


def mean_over_ties(pairs: list[tuple[float, float]]) -> list[tuple[float, float]]:
    hits: dict[float, list[float]] = {}
    for c, hit in pairs:
        hits.setdefault(c, []).append(hit)
    return [(c, sum(hits[c]) / len(hits[c])) for c, _ in pairs]


@sizes
@in_turn("bins", [1, 10, 15, 400])
def test_adaptive_equals_the_slow_formula(n: int, num_classes: int, bins: int) -> None:
    case = random_case(n, num_classes)
    expected = slow_adaptive(confidence_and_hits(*case) if num_classes > 1 else [(1.0, 1.0)] * n, bins)
    assert float(adaptive_calibration_error(*case, bins=bins)) == pytest.approx(expected, abs=1e-12)


@in_turn("seed", range(5))
@in_turn("bins", [4, 15])
def test_adaptive_with_ties_is_the_slow_formula_of_their_means(seed: int, bins: int) -> None:
    case = tied_case(50, seed)
    expected = slow_adaptive(mean_over_ties(confidence_and_hits(*case)), bins)
    assert float(adaptive_calibration_error(*case, bins=bins)) == pytest.approx(expected, abs=1e-12)


@sizes
def test_aurc_equals_the_slow_formula(n: int, num_classes: int) -> None:
    case = random_case(n, num_classes)
    assert float(aurc(*case)) == pytest.approx(slow_aurc(confidence_and_hits(*case)), abs=1e-12)


def test_aurc_is_the_mean_over_all_orders_of_the_ties() -> None:
    probs = two_classes(0.9, 0.7, 0.7, 0.7, 0.6, 0.6)
    labels = torch.tensor([1, 0, 1, 0, 0, 1])
    pairs = confidence_and_hits(probs, labels)
    orders = [slow_aurc(list(order)) for order in itertools.permutations(pairs)]
    assert float(aurc(probs, labels)) == pytest.approx(sum(orders) / len(orders), abs=1e-12)


@in_turn("metric", [aurc, adaptive_calibration_error])
@in_turn("seed", range(5))
def test_the_order_of_tied_examples_does_not_matter(metric: object, seed: int) -> None:
    probs, labels = tied_case(50)
    order = torch.randperm(50, generator=torch.Generator().manual_seed(seed))
    assert float(metric(probs[order], labels[order])) == pytest.approx(float(metric(probs, labels)), abs=1e-14)


# --- by hand --------------------------------------------------------------------------------------------------


def test_aurc_by_hand() -> None:
    probs = two_classes(0.9, 0.8, 0.7)
    assert float(aurc(probs, torch.tensor([0, 0, 1]))) == pytest.approx((0 + 0 + 1 / 3) / 3)
    assert float(aurc(probs, torch.tensor([1, 0, 0]))) == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)
    assert float(aurc(probs, torch.tensor([0, 0, 0]))) == 0
    assert float(aurc(probs, torch.tensor([1, 1, 1]))) == 1


def test_aurc_of_a_constant_prediction_is_its_error_rate() -> None:
    probs, labels = two_classes(*[0.8] * 10), torch.tensor([0] * 7 + [1] * 3)
    assert float(aurc(probs, labels)) == pytest.approx(0.3)


def test_adaptive_by_hand() -> None:
    probs, labels = two_classes(0.9, 0.6, 0.8, 0.7, 0.55), torch.tensor([1, 1, 0, 0, 0])
    # two bins: {.55, .6, .7} with 2 right, {.8, .9} with 1 right
    assert float(adaptive_calibration_error(probs, labels, bins=2)) == pytest.approx((0.15 + 0.7) / 5)


def test_adaptive_of_a_constant_prediction_is_off_by_its_confidence_minus_its_share() -> None:
    probs, labels = two_classes(*[0.8] * 10), torch.tensor([1] * 7 + [0] * 3)
    assert float(adaptive_calibration_error(probs, labels)) == pytest.approx(0.5)


def test_adaptive_with_fewer_examples_than_bins_is_the_mean_gap() -> None:
    probs, labels = two_classes(0.9, 0.6), torch.tensor([0, 1])
    assert float(adaptive_calibration_error(probs, labels)) == pytest.approx((0.1 + 0.6) / 2)


def test_ones_are_ties_too() -> None:
    probs, labels = two_classes(1, 1, 1, 1), torch.tensor([0, 1, 0, 1])
    assert float(adaptive_calibration_error(probs, labels, bins=2)) == pytest.approx(0.5)
    assert float(aurc(probs, labels)) == pytest.approx(0.5)


def test_ties_are_averaged_within_each_cell_of_a_stack() -> None:
    confidence = torch.tensor([[0.7, 0.5, 0.7], [0.9, 0.9, 0.8]])
    correct = torch.tensor([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]])
    ordered, mean = averaged_over_ties(confidence, correct)
    assert torch.equal(ordered, torch.tensor([[0.5, 0.7, 0.7], [0.8, 0.9, 0.9]]))
    assert torch.equal(mean, torch.tensor([[1.0, 0.5, 0.5], [1.0, 0.5, 0.5]]))


@in_turn(("bins", "error"), [(0, InputError), (1.5, DtypeError)])
def test_bins_that_are_none_are_an_error(bins: object, error: type[Exception]) -> None:
    probs: Tensor = two_classes(0.7)
    with pytest.raises(error, match="bins must be"):
        adaptive_calibration_error(probs, torch.tensor([0]), bins=bins)
