"""Classwise ECE and the Brier score's parts against slow formulas, by hand, and on a large case."""

import pytest
import torch
from torch import Tensor

from lsbench.metrics import brier, brier_parts, brier_uncertainty, classwise_calibration_error
from lsbench.metrics.binning import class_bins
from tests.cpu_time import cpu_time
from tests.in_turn import in_turn
from tests.metrics.metric_cases import SIZES, bin_number, random_case, tied_case, two_classes

CASES = [*(random_case(*size) for size in SIZES), tied_case(60)]
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: str(tuple(case[0].shape)))
every_bins = in_turn("bins", [1, 10, 15])
Case = tuple[Tensor, Tensor]
Held = dict[tuple[int, int], list[tuple[float, float]]]


def held_by(case: Case, bins: int) -> Held:
    """(class, bin) -> [(prob, is the label), ...] of the examples there."""
    held: Held = {}
    for row, label in zip(case[0].tolist(), case[1].tolist(), strict=True):
        for c, p in enumerate(row):
            held.setdefault((c, bin_number(p, bins)), []).append((p, float(c == label)))
    return held


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


@every_case
@every_bins
def test_classwise_equals_the_slow_formula(case: Case, bins: int) -> None:
    n, num_classes = case[0].shape
    gaps = [abs(sum(p - y for p, y in pairs)) for pairs in held_by(case, bins).values()]
    value = float(classwise_calibration_error(*case, bins=bins))
    assert value == pytest.approx(sum(gaps) / n / num_classes, abs=1e-12)


@every_case
@every_bins
def test_the_brier_parts_equal_the_slow_formulas_and_add_up(case: Case, bins: int) -> None:
    n = len(case[1])
    reliability = resolution = within = 0.0
    for (c, _), pairs in held_by(case, bins).items():
        p_bar, y_bar = mean([p for p, _ in pairs]), mean([y for _, y in pairs])
        share = mean([float(label == c) for label in case[1].tolist()])
        reliability += len(pairs) / n * (p_bar - y_bar) ** 2
        resolution += len(pairs) / n * (y_bar - share) ** 2
        within += sum((p - p_bar) ** 2 - 2 * (p - p_bar) * (y - y_bar) for p, y in pairs) / n
    parts = brier_parts(*case, bins=bins)
    assert float(parts.reliability) == pytest.approx(reliability, abs=1e-12)
    assert float(parts.resolution) == pytest.approx(resolution, abs=1e-12)
    assert float(parts.within) == pytest.approx(within, abs=1e-12)
    assert float(parts.uncertainty) == pytest.approx(float(brier_uncertainty(*case)), abs=1e-12)
    total = parts.reliability - parts.resolution + parts.uncertainty + parts.within
    assert float(total) == pytest.approx(float(brier(*case)), abs=1e-12)


@every_bins
def test_a_stack_is_binned_cell_by_cell(bins: int) -> None:
    cases = [random_case(40, 5, seed) for seed in range(6)]
    probs, labels = (torch.stack(parts).unflatten(0, (2, 3)) for parts in zip(*cases, strict=True))
    stack = class_bins(probs, labels, bins)
    for i, case in enumerate(cases):
        alone = class_bins(*case, bins)
        for name in ("count", "confidence", "correct"):
            torch.testing.assert_close(getattr(stack, name)[i // 3, i % 3], getattr(alone, name), rtol=0, atol=1e-12)


# --- by hand --------------------------------------------------------------------------------------------------


def test_two_classes_by_hand() -> None:
    case = two_classes(0.75, 0.75, 1.0), torch.tensor([0, 1, 0])
    # class 0: bin of .75 has 1.5 against 1, bin of 1 is right; class 1: bin of .25 has .5 against 1, bin of 0 is right
    assert float(classwise_calibration_error(*case)) == pytest.approx((0.5 + 0.5) / 3 / 2)
    parts = brier_parts(*case)
    assert float(parts.reliability) == pytest.approx(2 * 2 / 3 * 0.25**2)
    assert float(parts.resolution) == pytest.approx(2 * (2 / 3 * (1 / 2 - 2 / 3) ** 2 + 1 / 3 * (1 / 3) ** 2))
    assert float(parts.uncertainty) == pytest.approx(4 / 9)
    assert float(parts.within) == pytest.approx(0, abs=1e-15)


def test_predicting_the_frequencies_leaves_only_the_uncertainty() -> None:
    labels = torch.tensor([0] * 5 + [1] * 3 + [2] * 2)
    probs = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64).expand(10, 3)
    parts = brier_parts(probs, labels)
    assert [float(p) for p in (parts.reliability, parts.resolution, parts.within)] == pytest.approx(
        [0, 0, 0], abs=1e-15
    )
    assert float(parts.uncertainty) == pytest.approx(0.62)
    assert float(classwise_calibration_error(probs, labels)) == pytest.approx(0, abs=1e-15)


def test_perfect_and_perfectly_wrong() -> None:
    labels = torch.arange(4)
    right, wrong = torch.eye(4).double(), torch.eye(4).double().roll(1, 0)
    assert float(classwise_calibration_error(right, labels)) == 0
    assert float(classwise_calibration_error(wrong, labels)) == pytest.approx(2 / 4)
    assert float(brier_parts(right, labels).resolution) == pytest.approx(0.75)
    # of each class: three zeros with one label among them, and a one that is none
    assert float(brier_parts(wrong, labels).reliability) == pytest.approx(4 * (3 / 4 * (1 / 3) ** 2 + 1 / 4))


def test_with_one_class_present_nothing_is_uncertain() -> None:
    probs, _ = random_case(20, 3)
    assert float(brier_uncertainty(probs, torch.ones(20, dtype=torch.long))) == 0


def test_a_thousand_classes_cost_less_than_sorting_each_of_them() -> None:
    probs, labels = random_case(2000, 1000)
    assert cpu_time(lambda: classwise_calibration_error(probs, labels)) < cpu_time(lambda: probs.sort(0))
