"""The calibration slope and its test against scipy's optimiser and chi-squared, by hand, and where no fit exists."""

import math

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from scipy.stats import chi2, kstest
from torch import Tensor

from lsbench.errors import InputError
from lsbench.metrics import calibration_p, calibration_slope, recalibrate
from lsbench.metrics.binning import top_label
from lsbench.metrics.recalibration import STATUSES, TOP
from tests.in_turn import in_turn
from tests.metrics.metric_cases import calibrated_case, random_case, tied_case, two_classes


def logits_and_hits(probs: Tensor, labels: Tensor) -> tuple[np.ndarray, np.ndarray]:
    confidence, correct = top_label(probs, labels)
    clamped = np.minimum(confidence.numpy(), TOP)
    return np.log(clamped / (1 - clamped)), correct.numpy()


def loss(fit: np.ndarray, logit: np.ndarray, correct: np.ndarray) -> float:
    return float(np.logaddexp(0, np.where(correct == 1, -1, 1) * (fit[0] + fit[1] * logit)).sum())


def status(confidence: list[float], correct: list[int]) -> str:
    fit = recalibrate(torch.tensor(confidence).double(), torch.tensor(correct).double())
    if fit.status != 0:
        assert all(math.isnan(float(value)) for value in (fit.slope, fit.intercept, fit.likelihood_ratio, fit.p_value))
    return STATUSES[int(fit.status)]


@in_turn("case", [random_case(60, 2), random_case(500, 10), random_case(300, 100), tied_case(80)])
def test_the_fit_is_scipys(case: tuple[Tensor, Tensor]) -> None:
    logit, correct = logits_and_hits(*case)
    found = minimize(
        loss, [0.0, 1.0], args=(logit, correct), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12}
    )
    fit = recalibrate(*top_label(*case))
    assert [float(fit.intercept), float(fit.slope)] == pytest.approx(found.x.tolist(), abs=1e-5)
    ratio = 2 * (loss(np.array([0.0, 1.0]), logit, correct) - found.fun)
    assert float(fit.likelihood_ratio) == pytest.approx(ratio, abs=1e-7)
    assert float(calibration_p(*case)) == pytest.approx(float(chi2.sf(ratio, 2)), rel=1e-6)
    assert float(calibration_slope(*case)) == float(fit.slope)


def test_two_confidences_by_hand() -> None:
    probs = two_classes(*[0.6] * 4, *[0.9] * 4)
    labels = torch.tensor([0, 0, 1, 1, 0, 0, 0, 1])  # half of those at .6 are right, 3/4 of those at .9
    fit = recalibrate(*top_label(probs, labels))
    slope = math.log(3) / (math.log(9) - math.log(1.5))
    assert float(fit.slope) == pytest.approx(slope, rel=1e-9)
    assert float(fit.intercept) == pytest.approx(-slope * math.log(1.5), rel=1e-9)
    fitted = 4 * math.log(0.5) + 3 * math.log(0.75) + math.log(0.25)
    as_said = 2 * math.log(0.6) + 2 * math.log(0.4) + 3 * math.log(0.9) + math.log(0.1)
    assert float(fit.p_value) == pytest.approx(math.exp(as_said - fitted), rel=1e-9)


@in_turn(("temperature", "slope"), [(0.5, 0.5), (1.0, 1.0), (2.0, 2.0)])
def test_too_sharp_is_below_one_and_too_flat_above(temperature: float, slope: float) -> None:
    probs, labels = calibrated_case(100_000, 2)
    tempered = (probs.log() / temperature).softmax(-1)  # of two classes, the logit of the confidence is divided
    assert float(calibration_slope(tempered, labels)) == pytest.approx(slope * 1.0, rel=0.03)


def test_the_p_value_of_a_calibrated_model_is_uniform() -> None:
    probs, _ = calibrated_case(400, 10, sharpness=1.5)
    labels = torch.multinomial(probs, 1000, replacement=True, generator=torch.Generator().manual_seed(1)).T
    values = calibration_p(probs.expand(1000, 400, 10), labels)
    assert kstest(values.numpy(), "uniform").pvalue > 0.01
    assert float((values < 0.05).double().mean()) == pytest.approx(0.05, abs=0.02)


def test_a_confidence_of_one_counts_as_the_float32_below_it() -> None:
    labels = torch.tensor([0, 1, 0, 1, 0])
    at_one, below = (float(calibration_slope(two_classes(0.6, 0.7, 0.8, c, c), labels)) for c in (1.0, TOP))
    assert math.isfinite(at_one)
    assert at_one == pytest.approx(below, rel=1e-9)
    assert float(np.nextafter(np.float32(1), np.float32(0))) == TOP


@in_turn(
    ("confidence", "correct", "expected"),
    [
        ([0.6, 0.7, 0.8], [1, 1, 1], "one outcome"),
        ([0.6, 0.7, 0.8], [0, 0, 0], "one outcome"),
        ([1.0], [1], "one outcome"),
        ([0.7, 0.7, 0.7], [1, 0, 1], "no variance"),
        ([1.0, 1.0], [1, 0], "no variance"),
        ([1.0, 1 - 2**-30], [1, 0], "no variance"),
        ([0.6, 0.7, 0.8], [0, 0, 1], "separable"),
        ([0.6, 0.7, 0.8], [1, 1, 0], "separable"),
        ([0.6, 0.7, 0.7, 0.8], [0, 0, 1, 1], "separable"),  # up to a tie
        ([0.6, 0.7, 0.8], [0, 1, 0], "ok"),
        ([0.6, 0.7, 0.7, 0.7, 0.8], [1, 0, 1, 1, 1], "ok"),
    ],
)
def test_where_there_is_no_fit_the_status_says_why(confidence: list[float], correct: list[int], expected: str) -> None:
    assert status(confidence, correct) == expected


@in_turn("seed", range(20))
def test_nearly_separable_cases_converge(seed: int) -> None:
    draws = torch.Generator().manual_seed(seed)
    confidence = 1 - 10 ** (-9 * torch.rand(500, generator=draws, dtype=torch.float64)) / 2
    correct = (confidence > confidence.median()).double()
    correct[int(confidence.argmin())] = 1
    correct[int(confidence.argmax())] = 0
    fit = recalibrate(confidence, correct)
    assert int(fit.status) == 0
    logit = np.log(np.minimum(confidence.numpy(), TOP) / (1 - np.minimum(confidence.numpy(), TOP)))
    ours = np.array([float(fit.intercept), float(fit.slope)])
    best = loss(ours, logit, correct.numpy())
    for nudge in ([1e-3, 0], [-1e-3, 0], [0, 1e-3], [0, -1e-3]):
        assert loss(ours + nudge, logit, correct.numpy()) >= best


def test_each_cell_of_a_stack_has_its_own_status() -> None:
    confidence = torch.tensor([[0.6, 0.7, 0.8], [0.6, 0.7, 0.8], [0.7, 0.7, 0.7]]).double()
    correct = torch.tensor([[0, 1, 0], [1, 1, 1], [0, 1, 0]]).double()
    fit = recalibrate(confidence, correct)
    assert [STATUSES[i] for i in fit.status.tolist()] == ["ok", "one outcome", "no variance"]
    assert fit.slope.isnan().tolist() == [False, True, True]


def test_confidences_may_be_lists_or_arrays_and_what_is_none_is_refused():
    confidence, correct = [0.9, 0.8, 0.7, 0.6, 0.95, 0.75], [1, 1, 1, 0, 1, 0]
    expected = recalibrate(torch.tensor(confidence).double(), torch.tensor(correct)).slope
    for right in (correct, np.array(correct, bool), torch.tensor(correct)):
        assert recalibrate(np.array(confidence), right).slope == pytest.approx(expected)
    for wrong in (([0.5, 0.0], [1, 0]), ([0.5, 1.5], [1, 0]), ([0.5, float("nan")], [1, 0]), ([0.5, 0.6], [1, 2])):
        with pytest.raises(InputError):
            recalibrate(*wrong)
    with pytest.raises(InputError, match=r"\(2,\) and \(2, 3\)"):
        recalibrate([0.5, 0.6], np.ones((2, 3)))
