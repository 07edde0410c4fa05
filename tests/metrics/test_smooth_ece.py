"""SmoothECE against the definition by quadrature, against relplot's numbers, and by hand."""

import numpy as np
import pytest
import torch
from scipy.integrate import trapezoid
from scipy.optimize import brentq

from lsbench.metrics import expected_calibration_error, smooth_ece
from lsbench.metrics.smooth import smooth_ece_at
from tests.in_turn import in_turn
from tests.metrics.metric_cases import calibrated_case, confidence_and_hits, random_case, two_classes


def slow_smooth_ece_at(pairs: list[tuple[float, float]], sigma: float) -> float:
    """The definition: mirror images of every confidence at 0 and 1, |mean smoothed residual| integrated."""
    confidence, correct = np.array(pairs).T
    t = np.linspace(0, 1, 4001)[:, None]
    images = [2 * k + sign * confidence for k in range(-3, 4) for sign in (1, -1)]
    kernel = sum(np.exp(-(((t - image) / sigma) ** 2) / 2) for image in images) / (sigma * np.sqrt(2 * np.pi))
    return float(trapezoid(np.abs((kernel * (correct - confidence)).mean(-1)), t[:, 0]))


def relplot_case(n: int, num_classes: int, sharpness: float) -> tuple[np.ndarray, np.ndarray]:
    draws = np.random.RandomState(0)  # the numbers below were made with it
    logits = sharpness * draws.standard_normal((n, num_classes))
    probs = np.exp(logits - logits.max(1, keepdims=True))
    probs /= probs.sum(1, keepdims=True)
    labels = np.where(draws.random_sample(n) < 0.6, probs.argmax(1), draws.randint(0, num_classes, n))
    return probs, labels


@pytest.mark.parametrize("sigma", [0.01, 0.05, 0.2, 1.0])
@in_turn(("n", "num_classes"), [(1, 2), (50, 2), (100, 10), (60, 100)])
def test_at_a_fixed_width_it_is_the_definition(n: int, num_classes: int, sigma: float) -> None:
    case = random_case(n, num_classes)
    expected = slow_smooth_ece_at(confidence_and_hits(*case), sigma)
    assert float(smooth_ece_at(*case, sigma)) == pytest.approx(expected, abs=2e-5)


@pytest.mark.parametrize(("n", "num_classes"), [(1, 2), (50, 2), (100, 10), (60, 100)])
def test_it_is_the_width_at_which_error_and_width_are_equal(n: int, num_classes: int) -> None:
    case = random_case(n, num_classes)
    pairs = confidence_and_hits(*case)
    expected = brentq(lambda sigma: slow_smooth_ece_at(pairs, sigma) - sigma, 1e-3, 1, xtol=1e-7)
    value = float(smooth_ece(*case))
    assert value == pytest.approx(expected, abs=2e-5)
    assert float(smooth_ece_at(*case, value)) == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize(
    ("case", "at", "value"),
    [
        ((300, 3, 1.0), {0.02: 0.15919751, 0.1: 0.13323792}, 0.126947),
        ((2000, 10, 2.0), {0.02: 0.18257177, 0.1: 0.1729191}, 0.158059),
        ((1000, 100, 4.0), {0.02: 0.20727395, 0.1: 0.19185579}, 0.168648),
    ],
)
def test_it_is_relplots_number(case: tuple[int, int, float], at: dict[float, float], value: float) -> None:
    """relplot 1.0.3 with 20,000 mesh points; its width is one of 1024, and its kernel is cut off at 0.5."""
    probs, labels = relplot_case(*case)
    for sigma, expected in at.items():
        assert float(smooth_ece_at(probs, labels, sigma)) == pytest.approx(expected, abs=1e-5)
    assert float(smooth_ece(probs, labels)) == pytest.approx(value, abs=5e-4)


# --- by hand --------------------------------------------------------------------------------------------------


def test_residuals_of_one_sign_are_their_mean_at_any_width() -> None:
    probs = two_classes(0.9, 0.7, 0.55, 1.0)
    assert float(smooth_ece(probs, torch.tensor([0, 0, 0, 0]))) == pytest.approx((0.1 + 0.3 + 0.45) / 4, abs=1e-9)
    assert float(smooth_ece(probs, torch.tensor([1, 1, 1, 1]))) == pytest.approx((0.9 + 0.7 + 0.55 + 1) / 4, abs=1e-9)


def test_the_ends_of_the_range() -> None:
    probs = two_classes(1, 1, 1)
    assert float(smooth_ece(probs, torch.tensor([0, 0, 0]))) == pytest.approx(0, abs=1e-9)
    assert float(smooth_ece(probs, torch.tensor([1, 1, 1]))) == pytest.approx(1, abs=1e-9)


def test_a_confidence_of_one_is_the_limit_of_those_below_it() -> None:
    labels = torch.tensor([1, 0, 0])
    values = [float(smooth_ece(two_classes(c, 0.8, 0.6), labels)) for c in (1 - 1e-9, 1.0)]
    assert values[1] == pytest.approx(values[0], abs=1e-7)


def test_a_constant_prediction_is_off_by_its_confidence_minus_its_share() -> None:
    probs, labels = two_classes(*[0.8] * 10), torch.tensor([0] * 3 + [1] * 7)
    assert float(smooth_ece(probs, labels)) == pytest.approx(0.5, abs=1e-9)


def test_gaps_of_both_signs_cancel_only_when_they_are_near() -> None:
    labels = torch.tensor([0, 1] * 50)
    near, far = two_classes(*[0.5, 0.5] * 50), two_classes(*[0.55, 0.95] * 50)
    assert float(smooth_ece(near, labels)) == pytest.approx(0, abs=1e-9)
    assert 0.2 < float(smooth_ece(far, labels)) < float(expected_calibration_error(far, labels))


def test_it_vanishes_for_a_calibrated_model_as_examples_grow() -> None:
    few, many = (float(smooth_ece(*calibrated_case(n, 10))) for n in (300, 100_000))
    assert many < 0.01 < few


def test_members_of_a_stack_whose_roots_are_found_at_different_steps_are_those_of_each_alone():
    perfect = torch.tensor([[0.5, 0.5]] * 4, dtype=torch.float64), torch.tensor([0, 1, 0, 1])
    wrong = torch.tensor([[1.0, 0.0]] * 4, dtype=torch.float64), torch.tensor([1, 1, 1, 1])
    ordinary = torch.tensor([[0.9, 0.1], [0.6, 0.4], [0.3, 0.7], [0.55, 0.45]]).double(), torch.tensor([0, 1, 1, 1])
    members = (perfect, wrong, ordinary, perfect)
    together = smooth_ece(torch.stack([p for p, _ in members]), torch.stack([y for _, y in members]))
    alone = torch.stack([smooth_ece(*member) for member in members])
    assert torch.equal(together, alone)
    assert together[0] == 0
    assert together.isfinite().all()
    for value, (probs, labels) in zip(together[1:3], members[1:3], strict=True):
        assert float(smooth_ece_at(probs, labels, float(value))) == pytest.approx(float(value), abs=1e-11)
