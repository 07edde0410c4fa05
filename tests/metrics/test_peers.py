"""The metrics against those of independent libraries, and where these are known to give something else."""

import importlib
import warnings
from types import ModuleType

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss
from torch import Tensor

from lsbench.metrics import (
    accuracy,
    adaptive_calibration_error,
    aurc,
    brier,
    calibration_slope,
    classwise_calibration_error,
    expected_calibration_error,
    l2_debiased,
    maximum_calibration_error,
    nll,
    smooth_ece,
)
from lsbench.metrics.smooth import smooth_ece_at
from tests.in_turn import in_turn
from tests.metrics.metric_cases import calibration_error_of_torchmetrics, confidence_and_hits, random_case, two_classes

Case = tuple[Tensor, Tensor]

SIZES = [(n, num_classes) for n in (1, 7, 30, 1000) for num_classes in (2, 3, 10, 100)]  # n below, at and above 15 bins
CASES = [random_case(*size, seed=seed) for seed, size in enumerate(SIZES)]
every_case = in_turn("case", CASES)
SIDES = ("right", "left")


def installed(name: str) -> ModuleType:
    """A library of the optional group peers, or skip."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what it imports
        pytest.importorskip(name.split(".")[0], reason=f"{name} is not installed; .ci/run installs it where it can")
        return importlib.import_module(name)


@pytest.fixture(scope="module")
def netcal() -> ModuleType:
    return installed("netcal.metrics")


@pytest.fixture(scope="module")
def uncertainty_calibration() -> ModuleType:
    return installed("calibration.utils")


@pytest.fixture(scope="module")
def relplot() -> ModuleType:
    return installed("relplot.metrics")


def confidence_and_correct(case: Case) -> tuple[np.ndarray, np.ndarray]:
    confidence, correct = np.array(confidence_and_hits(*case)).T
    return confidence, correct


def arrays(case: Case) -> tuple[np.ndarray, np.ndarray]:
    return case[0].numpy(), case[1].numpy()


def torchmetrics_ece(case: Case, norm: str = "l1") -> float:
    probs, labels = case  # it looks for the bin in float64 where probs are, and sums in float32
    return float(calibration_error_of_torchmetrics(probs, labels, max(2, probs.shape[-1]), n_bins=15, norm=norm))


# --- they agree where no confidence is an edge or 1 -----------------------------------------------------------


@every_case
@in_turn("closed", SIDES)
def test_ece_and_mce_are_torchmetrics(case: Case, closed: str) -> None:
    assert float(expected_calibration_error(*case, closed=closed)) == pytest.approx(torchmetrics_ece(case), abs=1e-6)
    assert float(maximum_calibration_error(*case, closed=closed)) == pytest.approx(
        torchmetrics_ece(case, "max"), abs=1e-6
    )


@every_case
@in_turn("closed", SIDES)
def test_ece_and_mce_are_netcals(case: Case, closed: str, netcal: ModuleType) -> None:
    pairs = confidence_and_correct(case)
    assert float(expected_calibration_error(*case, closed=closed)) == pytest.approx(
        netcal.ECE(15).measure(*pairs), abs=1e-9
    )
    assert float(maximum_calibration_error(*case, closed=closed)) == pytest.approx(
        netcal.MCE(15).measure(*pairs), abs=1e-9
    )


@every_case
def test_ece_is_relplots_binned_ece(case: Case, relplot: ModuleType) -> None:
    theirs = relplot.binnedECE(*confidence_and_correct(case), nbins=15)
    assert float(expected_calibration_error(*case, closed="left")) == pytest.approx(theirs, abs=1e-9)


@every_case
def test_ece_and_its_equal_mass_and_classwise_forms_are_those_of_uncertainty_calibration(
    case: Case, uncertainty_calibration: ModuleType
) -> None:
    theirs = uncertainty_calibration
    assert float(expected_calibration_error(*case)) == pytest.approx(theirs.get_ece(*arrays(case)), abs=1e-9)
    assert float(adaptive_calibration_error(*case)) == pytest.approx(theirs.get_ece_em(*arrays(case)), abs=1e-9)
    classwise = theirs.get_ece(*arrays(case), mode="marginal")
    assert float(classwise_calibration_error(*case)) == pytest.approx(classwise, abs=1e-9)


@every_case
def test_the_debiased_squared_error_is_that_of_uncertainty_calibration(
    case: Case, uncertainty_calibration: ModuleType
) -> None:
    theirs = uncertainty_calibration
    pairs = confidence_and_correct(case)
    held = theirs.bin(list(zip(*pairs, strict=True)), theirs.get_equal_prob_bins(pairs[0], num_bins=15))
    assert float(l2_debiased(*case)) == pytest.approx(theirs.unbiased_square_ce(held), abs=1e-9)
    root = theirs.lower_bound_scaling_top_ce(
        *arrays(case), num_bins=15, binning_scheme=theirs.get_equal_prob_bins
    )  # 0 where the square is below 0
    assert max(0.0, float(l2_debiased(*case))) ** 0.5 == pytest.approx(root, abs=1e-9)


@pytest.mark.parametrize("num_classes", [3, 10, 100])
def test_adaptive_ece_is_netcals_where_the_bins_are_equally_full(num_classes: int, netcal: ModuleType) -> None:
    case = random_case(900, num_classes)
    theirs = netcal.ACE(15, equal_intervals=False).measure(*arrays(case))  # its mean over bins, each of 60
    assert float(adaptive_calibration_error(*case)) == pytest.approx(theirs, abs=1e-9)


@every_case
def test_the_area_under_the_risk_coverage_curve_is_that_of_uncertainty_calibration(
    case: Case, uncertainty_calibration: ModuleType
) -> None:
    area, _ = uncertainty_calibration.get_selective_stats(*confidence_and_correct(case))
    assert float(aurc(*case)) == pytest.approx(1 - area, abs=1e-12)


@pytest.mark.parametrize("sigma", [0.02, 0.1])
@pytest.mark.parametrize(("n", "num_classes"), [(30, 2), (1000, 3), (1000, 10), (1000, 100)])
def test_smooth_ece_is_relplots(n: int, num_classes: int, sigma: float, relplot: ModuleType, monkeypatch) -> None:
    case = random_case(n, num_classes)
    monkeypatch.setattr(relplot.config, "smECE_mesh_pts", 20_000)
    theirs = relplot.smECE_sigma(*confidence_and_correct(case), sigma=sigma)
    # its grid has 1001 points, ours 4097; few examples at a small width show it (ours is 1.5e-6 off the definition)
    assert float(smooth_ece_at(*case, sigma)) == pytest.approx(theirs, abs=1e-4 if n < 100 else 1e-5)
    ours = float(smooth_ece(*case))
    assert ours == pytest.approx(relplot.smECE(*confidence_and_correct(case)), abs=1e-3)  # its width is one of 1024


@every_case
def test_brier_and_nll_are_sklearns(case: Case) -> None:
    probs, labels = arrays(case)
    classes = np.arange(probs.shape[-1])
    theirs = brier_score_loss(labels, probs if len(classes) > 2 else probs[:, 1], labels=classes, scale_by_half=False)
    assert float(brier(*case)) == pytest.approx(theirs, abs=1e-12)
    assert float(nll(*case)) == pytest.approx(log_loss(labels, probs, labels=classes), abs=1e-9)


@pytest.mark.parametrize(("n", "num_classes"), [(200, 2), (1000, 3), (1000, 10), (1000, 100)])
def test_the_calibration_slope_is_that_of_sklearns_logistic_regression(n: int, num_classes: int) -> None:
    case = random_case(n, num_classes)
    confidence, correct = confidence_and_correct(case)
    logit = np.log(confidence / (1 - confidence))[:, None]
    fit = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12).fit(logit, correct)
    assert float(calibration_slope(*case)) == pytest.approx(float(fit.coef_[0, 0]), rel=1e-6)


# --- where they give something else ---------------------------------------------------------------------------


def test_torchmetrics_and_relplot_give_a_confidence_of_one_a_bin_of_its_own(relplot: ModuleType) -> None:
    case = two_classes(1.0, 0.95), torch.tensor([1, 0])  # sure and wrong, nearly sure and right
    ours, apart = (1.95 - 1) / 2, (1 + 0.05) / 2
    for closed in SIDES:
        assert float(expected_calibration_error(*case, closed=closed)) == pytest.approx(ours)
    assert torchmetrics_ece(case) == pytest.approx(apart, abs=1e-6)
    assert relplot.binnedECE(*confidence_and_correct(case), nbins=15) == pytest.approx(apart)


def test_netcal_and_uncertainty_calibration_leave_a_confidence_of_one_in_the_last_bin(
    netcal: ModuleType, uncertainty_calibration: ModuleType
) -> None:
    case = two_classes(1.0, 0.95), torch.tensor([1, 0])
    assert netcal.ECE(15).measure(*confidence_and_correct(case)) == pytest.approx((1.95 - 1) / 2)
    assert uncertainty_calibration.get_ece(*arrays(case)) == pytest.approx((1.95 - 1) / 2)


def test_float32_softmaxes_of_large_margins_are_where_a_bin_of_its_own_raises_the_ece() -> None:
    draws = torch.Generator().manual_seed(0)
    logits = torch.randn(2000, 10, generator=draws)
    labels = logits.argmax(-1)
    logits[torch.arange(2000), labels] += torch.where(torch.rand(2000, generator=draws) < 0.5, 25, 3.5)
    wrong = torch.rand(2000, generator=draws) < 0.02
    case = logits.softmax(-1), torch.where(wrong, (labels + 1) % 10, labels)
    assert torchmetrics_ece(case) > float(expected_calibration_error(*case)) + 1e-4


@in_turn("edge", [float(edge) for edge in np.linspace(0, 1, 16)[8:-1]])
def test_on_an_edge_netcal_and_torchmetrics_are_closed_left_and_uncertainty_calibration_right(
    edge: float, netcal: ModuleType, uncertainty_calibration: ModuleType
) -> None:
    case = two_classes(edge, edge + 0.03, edge - 0.03), torch.tensor([0, 0, 1])
    right, left = (float(expected_calibration_error(*case, closed=closed)) for closed in SIDES)
    assert right < left - 0.02  # with the wrong one below it, the right one cancels
    assert netcal.ECE(15).measure(*confidence_and_correct(case)) == pytest.approx(left, abs=1e-9)
    assert torchmetrics_ece(case) == pytest.approx(left, abs=1e-6)
    assert uncertainty_calibration.get_ece(*arrays(case)) == pytest.approx(right, abs=1e-9)


def test_netcal_takes_two_classes_for_one_and_measures_the_second(netcal: ModuleType) -> None:
    case = two_classes(0.62, 0.37), torch.tensor([0, 0])
    assert float(expected_calibration_error(*case)) == pytest.approx((0.63 - 0.38) / 2)
    assert netcal.ECE(15).measure(*arrays(case)) == pytest.approx((0.38 + 0.63) / 2)


def test_netcal_refuses_ten_classes_where_only_two_are_present(netcal: ModuleType) -> None:
    probs, _ = random_case(50, 10)
    labels = torch.arange(50) % 2
    with pytest.raises(RuntimeError, match="more than 2 confidence dims"):
        netcal.ECE(15).measure(probs.numpy(), labels.numpy())
    assert 0 <= float(expected_calibration_error(probs, labels)) <= 1


def test_netcals_adaptive_error_weighs_bins_alike_however_full(netcal: ModuleType) -> None:
    case = random_case(1000, 10)  # 15 bins of 66 or 67
    theirs = netcal.ACE(15, equal_intervals=False).measure(*arrays(case))
    assert float(adaptive_calibration_error(*case)) == pytest.approx(theirs, abs=2e-3)
    assert float(adaptive_calibration_error(*case)) != pytest.approx(theirs, abs=1e-9)


def test_tied_confidences_merge_the_equal_mass_bins_of_uncertainty_calibration(
    uncertainty_calibration: ModuleType,
) -> None:
    case = two_classes(*[0.6] * 5, 0.7, *[0.9] * 6), torch.tensor([0] * 5 + [1] + [0, 1] * 3)
    assert float(adaptive_calibration_error(*case, bins=3)) == pytest.approx((1.6 + 1.1 + 1.6) / 12)  # 4, 4 and 4
    assert uncertainty_calibration.get_ece_em(*arrays(case), num_bins=3) == pytest.approx((2 + 3.1) / 12)  # 5 and 7


def test_the_order_of_ties_changes_the_selective_risk_of_uncertainty_calibration(
    uncertainty_calibration: ModuleType,
) -> None:
    confidence = np.full(10, 0.8)
    areas = [
        1 - uncertainty_calibration.get_selective_stats(confidence, np.array(correct))[0]
        for correct in ([1] * 5 + [0] * 5, [0] * 5 + [1] * 5)
    ]
    ours = float(aurc(two_classes(*confidence), torch.tensor([0] * 5 + [1] * 5)))
    assert ours == pytest.approx(0.5)
    assert areas[0] < ours < areas[1]


# --- boundaries that all of them share ------------------------------------------------------------------------


@pytest.mark.parametrize("num_classes", [2, 10, 100])
def test_one_class_present_and_one_prediction_for_all(num_classes: int, netcal: ModuleType) -> None:
    confidence = 1 / num_classes + 0.37
    row = torch.full((num_classes,), (1 - confidence) / (num_classes - 1), dtype=torch.float64)
    row[0] = confidence
    probs = row.expand(20, num_classes)
    for label, hits in ((0, 1.0), (1, 0.0)):
        labels = torch.full((20,), label)
        case, gap = (probs, labels), abs(hits - confidence)
        binned = (expected_calibration_error, maximum_calibration_error, adaptive_calibration_error, smooth_ece)
        assert [float(f(*case)) for f in binned] == pytest.approx([gap] * 4, abs=1e-9)
        assert float(accuracy(*case)) == hits
        assert torchmetrics_ece(case) == pytest.approx(gap, abs=1e-6)
        assert netcal.ECE(15).measure(*confidence_and_correct(case)) == pytest.approx(gap)
        assert float(nll(*case)) == pytest.approx(log_loss(labels, probs, labels=np.arange(num_classes)), abs=1e-9)
