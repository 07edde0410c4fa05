"""The metrics made from the bins of the ECE, each against a slow formula and by hand."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from lsbench.errors import InputError
from lsbench.metrics import (
    ece_floor,
    edge_ties,
    expected_calibration_error,
    l2_debiased,
    maximum_calibration_error,
    overconfidence,
    saturation,
    signed_error,
    underconfidence,
)
from tests.in_turn import in_turn
from tests.metrics.metric_cases import (
    SIZES,
    bin_number,
    calibrated_case,
    confidence_and_hits,
    random_case,
    tied_case,
    two_classes,
)

CASES = [*(random_case(*size) for size in SIZES), tied_case(60)]
both_sides_and_bins = in_turn("bins", [1, 10, 15, 20])
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: str(tuple(case[0].shape)))
Case = tuple[Tensor, Tensor]


def slow_bins(case: Case, bins: int) -> list[tuple[int, float, float, float]]:
    """(size, mean confidence, accuracy, sum of c (1 - c)) of each bin that is not empty."""
    held: dict[int, list[tuple[float, float]]] = {}
    for c, hit in confidence_and_hits(*case):
        held.setdefault(bin_number(c, bins), []).append((c, hit))
    return [
        (len(b), sum(c for c, _ in b) / len(b), sum(h for _, h in b) / len(b), sum(c * (1 - c) for c, _ in b))
        for b in held.values()
    ]


# --- against the slow formula ---------------------------------------------------------------------------------


@every_case
@both_sides_and_bins
def test_they_equal_the_slow_formulas(case: Case, bins: int) -> None:
    n, held = len(case[1]), slow_bins(case, bins)
    gaps = [(size, acc - conf) for size, conf, acc, _ in held]
    l2 = sum(s / n * ((a - c) ** 2 - a * (1 - a) / (s - 1)) for s, c, a, _ in held if s > 1)
    expected = {
        maximum_calibration_error: max(abs(gap) for _, gap in gaps),
        overconfidence: sum(size * max(0, -gap) for size, gap in gaps) / n,
        underconfidence: sum(size * max(0, gap) for size, gap in gaps) / n,
        l2_debiased: l2,
        ece_floor: sum(math.sqrt(2 / math.pi * variance) for *_, variance in held) / n,
    }
    for metric, value in expected.items():
        assert float(metric(*case, bins=bins)) == pytest.approx(value, abs=1e-12), metric.__name__
    assert float(signed_error(*case)) == pytest.approx(sum(s * gap for s, gap in gaps) / n, abs=1e-12)


@every_case
@both_sides_and_bins
@in_turn("closed", ["right", "left"])
def test_the_two_parts_sum_to_the_ece_and_differ_by_the_signed_error(case: Case, bins: int, closed: str) -> None:
    over, under = (float(f(*case, bins, closed)) for f in (overconfidence, underconfidence))
    assert over >= 0
    assert under >= 0
    assert over + under == pytest.approx(float(expected_calibration_error(*case, bins, closed)), abs=1e-14)
    assert under - over == pytest.approx(float(signed_error(*case)), abs=1e-14)


# --- by hand --------------------------------------------------------------------------------------------------


def test_the_side_decides_about_an_edge_in_each_of_them() -> None:
    case = two_classes(0.6, 0.62), torch.tensor([0, 1])  # 0.6 is an edge of 15 bins
    assert float(maximum_calibration_error(*case)) == pytest.approx(0.62)
    assert float(maximum_calibration_error(*case, closed="left")) == pytest.approx(0.11)
    assert [float(f(*case)) for f in (overconfidence, underconfidence)] == pytest.approx([0.31, 0.2])
    assert [float(f(*case, closed="left")) for f in (overconfidence, underconfidence)] == pytest.approx([0.11, 0])
    assert float(edge_ties(*case)) == 1
    assert float(l2_debiased(*case)) == 0  # two bins of one
    assert float(l2_debiased(*case, closed="left")) == pytest.approx(0.11**2 - 0.25)


def test_sure_and_wrong_and_sure_and_right() -> None:
    probs, right, wrong = two_classes(1, 1, 1), torch.tensor([0, 0, 0]), torch.tensor([1, 1, 1])
    metrics = (maximum_calibration_error, overconfidence, underconfidence, signed_error, l2_debiased, ece_floor)
    assert [float(f(probs, right)) for f in metrics] == [0, 0, 0, 0, 0, 0]
    assert [float(f(probs, wrong)) for f in metrics] == [1, 1, 0, -1, 1, 0]
    assert float(saturation(probs, wrong)) == 1
    assert float(edge_ties(probs, wrong)) == 0


def test_nothing_is_minus_zero() -> None:
    probs, labels = two_classes(1, 1), torch.tensor([0, 0])
    for f in (maximum_calibration_error, overconfidence, underconfidence, signed_error, l2_debiased):
        assert math.copysign(1, float(f(probs, labels))) == 1


def test_one_example() -> None:
    case = two_classes(0.7), torch.tensor([0])
    assert float(maximum_calibration_error(*case)) == pytest.approx(0.3)
    assert float(signed_error(*case)) == pytest.approx(0.3)
    assert float(underconfidence(*case)) == pytest.approx(0.3)
    assert float(ece_floor(*case)) == pytest.approx(math.sqrt(2 / math.pi * 0.21))


def test_the_maximum_ignores_empty_bins_and_the_size_of_the_others() -> None:
    probs = two_classes(*[0.95] * 99, 0.55)
    labels = torch.tensor([0] * 99 + [1])
    assert float(maximum_calibration_error(probs, labels)) == pytest.approx(0.55)


def test_a_constant_prediction_is_off_by_its_confidence_minus_its_share() -> None:
    probs, labels = torch.tensor([0.6, 0.3, 0.1]).double().expand(10, 3), torch.tensor([0] * 2 + [1] * 8)
    assert float(maximum_calibration_error(probs, labels)) == pytest.approx(0.4)
    assert float(signed_error(probs, labels)) == pytest.approx(-0.4)
    assert float(l2_debiased(probs, labels)) == pytest.approx(0.16 - 0.16 / 9)
    assert float(ece_floor(probs, labels)) == pytest.approx(math.sqrt(2 / math.pi * 0.24 / 10))


def test_every_inner_edge_is_a_tie_and_its_neighbours_are_not() -> None:
    edges = [float(edge) for edge in np.linspace(0, 1, 16)[8:-1]]
    beside = [np.nextafter(edge, side) for edge in edges for side in (0, 1)]
    probs = two_classes(*edges, *beside, 1.0)
    labels = torch.zeros(len(probs), dtype=torch.long)
    assert float(edge_ties(probs, labels)) == len(edges)
    assert float(edge_ties(probs, labels, bins=1)) == 0
    assert float(edge_ties(two_classes(0.5, 0.75), torch.tensor([0, 0]), bins=4)) == 2


def test_saturation_counts_exact_ones_which_float32_softmaxes_have() -> None:
    logits = torch.tensor([[20.0, 0.0], [15.0, 0.0], [0.0, 0.0], [100.0, 0.0]])
    labels = torch.zeros(4, dtype=torch.long)
    assert float(saturation(logits.softmax(-1), labels)) == 0.5
    assert float(saturation(logits.double().softmax(-1), labels)) == 0.25


@in_turn("metric", [maximum_calibration_error, overconfidence, underconfidence, l2_debiased, ece_floor, edge_ties])
def test_fewer_than_one_bin_or_more_than_memory_holds_is_an_error(metric: object) -> None:
    with pytest.raises(InputError, match="bins must be at least 1, got 0"):
        metric(two_classes(0.7), torch.tensor([0]), bins=0)
    with pytest.raises(InputError, match="bins must be at most 1,000,000, got 1000000000"):
        metric(two_classes(0.7), torch.tensor([0]), bins=10**9)


# --- what they promise of a calibrated model ------------------------------------------------------------------


def simulated(n: int, num_classes: int, sharpness: float, times: int = 300) -> Case:
    """Labels drawn again and again from the same probs of a calibrated model, (times, n)."""
    probs, _ = calibrated_case(n, num_classes, sharpness=sharpness)
    labels = torch.multinomial(probs, times, replacement=True, generator=torch.Generator().manual_seed(1))
    return probs.expand(times, n, num_classes), labels.T


@in_turn("sharpness", [1.0, 2.0, 6.0])
def test_the_floor_is_the_mean_ece_of_a_calibrated_model(sharpness: float) -> None:
    probs, labels = simulated(1000, 10, sharpness)
    mean = float(expected_calibration_error(probs, labels).mean())
    assert float(ece_floor(probs[0], labels[0])) == pytest.approx(mean, rel=0.06)


@in_turn("sharpness", [1.0, 2.0, 6.0])
def test_the_debiased_error_of_a_calibrated_model_is_zero_on_average(sharpness: float) -> None:
    values = l2_debiased(*simulated(200, 10, sharpness, times=1000))
    assert abs(float(values.mean())) < 4 * float(values.std()) / math.sqrt(1000) + 1e-4  # confidences vary in a bin
