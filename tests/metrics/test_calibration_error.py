"""ECE against a slow formula, against torchmetrics, and by hand where conventions differ: on the edges."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from lsbench.errors import DtypeError, InputError
from lsbench.metrics import expected_calibration_error as ece
from lsbench.metrics.binning import top_label_bins
from tests.in_turn import in_turn
from tests.metrics.metric_cases import calibration_error_of_torchmetrics
from tests.simulations import tried


def random_probs(n: int, num_classes: int, seed: int = 0, sharpness: float = 2.0) -> Tensor:
    draws = torch.Generator().manual_seed(seed)
    return (sharpness * torch.randn(n, num_classes, generator=draws, dtype=torch.float64)).softmax(-1)


def random_labels(n: int, num_classes: int, seed: int = 0) -> Tensor:
    return torch.randint(num_classes, (n,), generator=torch.Generator().manual_seed(seed))


def two_classes(*confidences: float) -> Tensor:
    """Rows whose confidence is exactly the one given, in class 0."""
    return torch.tensor([[c, 1 - c] for c in confidences], dtype=torch.float64)


def slow_ece(probs: list[list[float]], labels: list[int], bins: int, closed: str) -> float:
    edges = np.linspace(0, 1, bins + 1).tolist()
    total = 0.0
    for b, (low, high) in enumerate(itertools.pairwise(edges)):
        gap = 0.0
        for row, label in zip(probs, labels, strict=True):
            c = max(row)
            in_right = low < c <= high or (b == 0 and c == low)
            in_left = low <= c < high or (b == bins - 1 and c == high)
            if in_right if closed == "right" else in_left:
                gap += (row.index(c) == label) - c
        total += abs(gap)
    return total / len(labels)


# --- against others -------------------------------------------------------------------------------------------


@in_turn("num_classes", [2, 3, 10, 100])
@in_turn("bins", [1, 10, 15, 20])
@in_turn("closed", ["right", "left"])
def test_it_equals_the_slow_formula(num_classes: int, bins: int, closed: str) -> None:
    probs, labels = random_probs(200, num_classes), random_labels(200, num_classes)
    expected = slow_ece(probs.tolist(), labels.tolist(), bins, closed)
    assert float(ece(probs, labels, bins, closed)) == pytest.approx(expected, abs=1e-12)


@in_turn("bins", [2, 5, 10, 15, 20])
@in_turn("closed", ["right", "left"])
def test_it_equals_the_slow_formula_when_every_confidence_is_an_edge(bins: int, closed: str) -> None:
    edges = [edge for edge in np.linspace(0, 1, bins + 1).tolist() if edge >= 0.5]
    probs, labels = two_classes(*edges * 7), random_labels(7 * len(edges), 2)
    expected = slow_ece(probs.tolist(), labels.tolist(), bins, closed)
    assert float(ece(probs, labels, bins, closed)) == pytest.approx(expected, abs=1e-12)


@in_turn("num_classes", [2, 10, 100])
@in_turn("bins", [10, 15])
def test_closed_left_equals_torchmetrics_on_confidences_without_ties(num_classes: int, bins: int) -> None:
    probs, labels = random_probs(3000, num_classes), random_labels(3000, num_classes)
    theirs = calibration_error_of_torchmetrics(probs, labels, num_classes, n_bins=bins)
    assert float(ece(probs, labels, bins, closed="left")) == pytest.approx(float(theirs), abs=3e-6)
    assert float(ece(probs, labels, bins, closed="right")) == pytest.approx(float(theirs), abs=3e-6)


# --- by hand --------------------------------------------------------------------------------------------------


def test_a_confidence_on_an_edge_belongs_to_the_bin_below_or_above() -> None:
    probs, labels = two_classes(9 / 15, 0.62), torch.tensor([0, 1])
    assert float(ece(probs, labels)) == pytest.approx((0.4 + 0.62) / 2, abs=1e-15)
    assert float(ece(probs, labels, closed="left")) == pytest.approx((1.22 - 1) / 2, abs=1e-15)


@in_turn("k", range(8, 15))
def test_each_inner_edge_of_fifteen_bins_is_where_it_should_be(k: int) -> None:
    probs, labels = two_classes(k / 15, np.nextafter(k / 15, 1), np.nextafter(k / 15, 0)), torch.tensor([0, 0, 0])
    right, left = (top_label_bins(probs, labels, 15, closed).count.tolist() for closed in ("right", "left"))
    assert (right[k - 1], right[k]) == (2, 1)
    assert (left[k - 1], left[k]) == (1, 2)


@in_turn("closed", ["right", "left"])
def test_a_confidence_of_one_shares_the_last_bin(closed: str) -> None:
    probs, labels = two_classes(1.0, 0.95), torch.tensor([1, 0])
    assert float(ece(probs, labels, closed=closed)) == pytest.approx((1.95 - 1) / 2, abs=1e-15)


def test_sure_and_right_is_zero_and_sure_and_wrong_is_one() -> None:
    probs = two_classes(1.0, 1.0, 1.0)
    assert float(ece(probs, torch.tensor([0, 0, 0]))) == 0.0
    assert float(ece(probs, torch.tensor([1, 1, 1]))) == 1.0


@in_turn(("label", "expected"), [(0, 0.3), (1, 0.7)])
def test_one_example(label: int, expected: float) -> None:
    assert float(ece(two_classes(0.7), torch.tensor([label]))) == pytest.approx(expected, abs=1e-15)


def test_of_several_largest_probs_the_first_class_is_the_prediction() -> None:
    probs = torch.full((2, 4), 0.25, dtype=torch.float64)
    assert float(ece(probs, torch.tensor([0, 0]))) == 0.75
    assert float(ece(probs, torch.tensor([3, 1]))) == 0.25


def test_with_one_class_nothing_can_be_wrong() -> None:
    assert float(ece(torch.ones(4, 1), torch.zeros(4, dtype=torch.long))) == 0.0


def test_one_bin_is_the_difference_of_the_means() -> None:
    probs, labels = random_probs(100, 5), random_labels(100, 5)
    confidence, predicted = probs.max(-1)
    expected = (predicted == labels).double().mean() - confidence.mean()
    assert float(ece(probs, labels, bins=1)) == pytest.approx(abs(float(expected)), abs=1e-15)


def test_a_constant_prediction_is_off_by_its_confidence_minus_its_share() -> None:
    probs = torch.tensor([0.6, 0.3, 0.1], dtype=torch.float64).expand(10, 3)
    labels = torch.tensor([0] * 2 + [1] * 8)
    assert float(ece(probs, labels)) == pytest.approx(0.4, abs=1e-15)


def test_label_smoothing_on_separable_data_is_underconfident_by_the_closed_form() -> None:
    eps, num_classes = 0.1, 10
    labels = torch.arange(num_classes).repeat(20)
    probs = (1 - eps) * torch.eye(num_classes, dtype=torch.float64)[labels] + eps / num_classes
    assert float(ece(probs, labels)) == pytest.approx(eps * (num_classes - 1) / num_classes, abs=1e-12)


def test_bins_hold_counts_confidences_and_hits() -> None:
    probs, labels = two_classes(0.55, 0.6, 0.9), torch.tensor([0, 1, 0])
    sums = top_label_bins(probs, labels, 2, "right")
    assert sums.count.tolist() == [0, 3]
    assert sums.confidence.tolist() == pytest.approx([0, 2.05])
    assert sums.correct.tolist() == [0, 2]


# --- errors ---------------------------------------------------------------------------------------------------


@in_turn("bins", [15.0, True, "15", None])
def test_bins_that_are_no_integer_are_an_error(bins: object) -> None:
    with pytest.raises(DtypeError, match="bins must be an integer, got"):
        ece(two_classes(0.7), torch.tensor([0]), bins=bins)


@in_turn("bins", [0, -1])
def test_fewer_than_one_bin_is_an_error(bins: int) -> None:
    with pytest.raises(InputError, match=f"bins must be at least 1, got {bins}"):
        ece(two_classes(0.7), torch.tensor([0]), bins=bins)


def test_another_side_is_an_error() -> None:
    with pytest.raises(InputError, match="closed must be one of right, left; got 'both'"):
        ece(two_classes(0.7), torch.tensor([0]), closed="both")


# --- properties -----------------------------------------------------------------------------------------------


@st.composite
def classified(draw: st.DrawFn) -> tuple[Tensor, Tensor]:
    """Few examples over few classes, with many ties and exact zeros and ones."""
    num_classes = draw(st.integers(1, 5))
    row = st.lists(st.integers(0, 6), min_size=num_classes, max_size=num_classes).filter(any)
    weights = torch.tensor(draw(st.lists(row, min_size=1, max_size=20)), dtype=torch.float64)
    label = st.integers(0, num_classes - 1)
    labels = draw(st.lists(label, min_size=len(weights), max_size=len(weights)))
    return weights / weights.sum(-1, keepdim=True), torch.tensor(labels)


@tried()
@given(classified(), st.integers(1, 40), st.sampled_from(["right", "left"]))
def test_it_is_the_slow_formula_and_between_0_and_1(case: tuple[Tensor, Tensor], bins: int, closed: str) -> None:
    probs, labels = case
    value = float(ece(probs, labels, bins, closed))
    assert value == pytest.approx(slow_ece(probs.tolist(), labels.tolist(), bins, closed), abs=1e-12)
    assert 0 <= value <= 1


@tried()
@given(classified(), st.randoms(use_true_random=False))
def test_the_order_of_the_examples_does_not_matter(case: tuple[Tensor, Tensor], shuffler: object) -> None:
    probs, labels = case
    order = list(range(len(labels)))
    shuffler.shuffle(order)
    assert float(ece(probs[order], labels[order])) == pytest.approx(float(ece(probs, labels)), abs=1e-12)


@tried()
@given(classified())
def test_finer_bins_that_nest_never_lower_it(case: tuple[Tensor, Tensor]) -> None:
    probs, labels = case
    coarse, fine = float(ece(probs, labels, 8)), float(ece(probs, labels, 16))  # powers of two: edges are exact
    assert fine >= coarse - 1e-12
