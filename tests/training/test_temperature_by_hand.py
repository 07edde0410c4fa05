"""Temperature scaling by hand, what changes nothing, the trap of noisy validation labels, and bad input."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from lsbench.errors import DtypeError, InputError
from lsbench.metrics import expected_calibration_error as ece
from lsbench.training.temperature import Temperature, fit_temperature
from tests.in_turn import in_turn
from tests.training.temperature_cases import PLAIN, drawn, hard_set, symmetric


def test_two_classes_by_hand() -> None:
    logits = torch.tensor([[2.0, 0.0]]).expand(4, 2)
    fit = fit_temperature(logits, torch.tensor([0, 0, 0, 1]))  # 2/T = logit(3/4)
    assert float(fit.value) == pytest.approx(2 / math.log(3), rel=1e-12)
    assert fit.status == "ok"


def test_two_classes_with_noise_by_hand() -> None:
    logits = torch.tensor([[2.0, 0.0]]).expand(5, 2)
    labels = torch.tensor([0, 0, 0, 1, 1])  # p (1 - .3) + (1 - p) .3 = .6, so p = .75
    fit = fit_temperature(logits, labels, noise=symmetric(0.3, 2))
    assert float(fit.value) == pytest.approx(2 / math.log(3), rel=1e-9)


@in_turn(
    ("logits", "labels", "status", "value"),
    [
        ([[1.0, 0.0], [0.0, 1.0]], [0, 1], "separable", 1e-6),
        ([[1.0, 0.0], [1.0, 0.0]], [0, 1], "uninformative", 1e6),
        ([[1.0, 0.0], [0.0, 1.0]], [1, 0], "uninformative", 1e6),
        ([[2.0, 2.0], [-1.0, -1.0]], [0, 1], "constant", 1),
        ([[0.0, 0.0]], [1], "constant", 1),
        ([[5.0], [-3.0]], [0, 0], "constant", 1),
        ([[1.0, 0.0, 0.0]], [0], "separable", 1e-6),
        ([[1.0, 1.0, 0.0]], [0], "separable", 1e-6),  # a tie at the top: the NLL falls to log 2
    ],
)
def test_flags_and_their_clamped_values(logits: list, labels: list, status: str, value: float) -> None:
    z, y = torch.tensor(logits), torch.tensor(labels)
    for noise in (None, torch.eye(z.shape[-1])):
        fit = fit_temperature(z, y, noise=noise)
        assert fit.status == status
        assert float(fit.value) == pytest.approx(value, rel=1e-12)


@in_turn("wrong", [math.nan, math.inf, -math.inf])
def test_logits_that_are_not_finite_are_flagged(wrong: float) -> None:
    fit = fit_temperature(torch.tensor([[1.0, wrong], [0.0, 1.0]]), torch.tensor([0, 1]))
    assert fit.status == "not finite"
    assert math.isnan(float(fit.value))


@in_turn("factor", [1e-300, 1e-8, 0.37, 1e8, 1e300])
def test_scaled_logits_have_the_scaled_temperature(factor: float) -> None:
    _, logits, labels = hard_set(PLAIN)
    noise = symmetric(0.3, logits.shape[-1])
    for matrix in (None, noise):
        plain, scaled = (fit_temperature(c * logits, labels, noise=matrix) for c in (1, factor))
        assert scaled.status == plain.status == "ok"
        assert float(scaled.value) == pytest.approx(factor * float(plain.value), rel=1e-9)


def test_a_shift_of_each_row_changes_nothing() -> None:
    _, logits, labels = hard_set(PLAIN)
    shifted = logits + torch.linspace(-50, 50, len(logits), dtype=torch.float64)[:, None]
    assert float(fit_temperature(shifted, labels).value) == pytest.approx(float(fit_temperature(logits, labels).value))


def test_a_stack_equals_a_loop() -> None:
    draws = torch.Generator().manual_seed(0)
    logits = torch.randn(2, 3, 40, 5, generator=draws)
    labels = drawn(logits.reshape(-1, 5).softmax(-1), draws).view(2, 3, 40)
    labels[1, 2] = logits[1, 2].argmax(-1)
    noises = torch.stack([symmetric(rate / 10, 5) for rate in range(6)]).view(2, 3, 5, 5)
    for noise in (None, noises[1, 1], noises):
        stack = fit_temperature(logits, labels, noise=noise)
        assert stack.value.shape == (2, 3)
        for i, j in np.ndindex(2, 3):
            one = fit_temperature(
                logits[i, j], labels[i, j], noise=noise if noise is None or noise.ndim == 2 else noise[i, j]
            )
            assert (float(stack.value[i, j]), stack.status[i][j]) == (float(one.value), one.status)
    assert fit_temperature(logits, labels).status[1][2] == "separable"


def test_a_stack_of_no_cells_has_no_temperatures() -> None:
    fit = fit_temperature(torch.zeros(0, 5, 3), torch.zeros(0, 5, dtype=torch.long))
    assert (fit.value.shape, fit.status) == ((0,), [])


def test_float32_logits_are_fitted_in_float64() -> None:
    _, logits, labels = hard_set(PLAIN)
    fit = fit_temperature(logits.float().requires_grad_(), labels.int())
    assert fit.value.dtype == torch.float64
    assert not fit.value.requires_grad
    assert torch.equal(fit.value, fit_temperature(logits.float().double(), labels).value)


def noisy_validation(n: int = 20_000, num_classes: int = 10, rate: float = 0.4) -> tuple[Tensor, Tensor, Tensor]:
    """Logits of a perfectly calibrated model, its clean labels, and those labels with symmetric noise."""
    draws = torch.Generator().manual_seed(0)
    logits = 4 * torch.randn(n, num_classes, generator=draws, dtype=torch.float64)
    clean = drawn(logits.softmax(-1), draws)
    return logits, clean, drawn(symmetric(rate, num_classes)[clean], draws)


def clean_ece(logits: Tensor, clean: Tensor, fit: Temperature) -> float:
    return float(ece((logits / fit.value).softmax(-1), clean))


def test_fitted_on_noisy_labels_it_ruins_calibration_and_corrected_it_does_not() -> None:
    logits, clean, given = noisy_validation()
    oracle, plain = fit_temperature(logits, clean), fit_temperature(logits, given)
    corrected = fit_temperature(logits, given, noise=symmetric(0.4, 10))
    assert float(oracle.value) == pytest.approx(1, abs=0.03)
    assert float(corrected.value) == pytest.approx(1, abs=0.06)
    assert clean_ece(logits, clean, oracle) < 0.01
    assert clean_ece(logits, clean, plain) > 0.2
    assert clean_ece(logits, clean, corrected) < 0.015


Z, Y = torch.zeros(4, 3), torch.zeros(4, dtype=torch.long)


@in_turn(
    ("logits", "labels", "noise", "message"),
    [
        (Z[0], Y[0], None, r"logits must have shape \(\.\.\., n, K\)"),
        (Z[:0], Y[:0], None, "n and K at least 1"),
        (Z, Y[:3], None, r"labels must have shape \(4,\), got \(3,\)"),
        (Z, Y + 3, None, r"class numbers in \[0, 3\), got 3"),
        (Z, Y - 1, None, "got -1"),
        (Z, Y, torch.eye(4), r"noise must have shape \(3, 3\)"),
        (Z, Y, torch.ones(3, 3), "each row at least 0 and summing to 1"),
        (Z, Y, torch.tensor([[2.0, -1.0, 0.0]] * 3), "each row at least 0"),
        (Z, Y, torch.full((3, 3), math.nan), "each row at least 0"),
        (torch.eye(3), torch.tensor([0, 0, 0]), torch.tensor([[0.0, 0.5, 0.5]] * 3), "a column is all zero"),
    ],
)
def test_what_makes_no_sense_is_an_error(logits: Tensor, labels: Tensor, noise: Tensor | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        fit_temperature(logits, labels, noise=noise)


@in_turn(
    ("logits", "labels", "noise", "message"),
    [
        (Z.long(), Y, None, "logits must be a floating-point tensor or array, got torch.int64"),
        (Z, Y.float(), None, "labels must be an integer tensor or array, got torch.float32"),
        (Z, Y > 0, None, "got torch.bool"),
        (Z, Y, torch.eye(3).long(), "noise must be a floating-point tensor"),
    ],
)
def test_what_is_of_the_wrong_type_is_an_error(
    logits: Tensor, labels: Tensor, noise: Tensor | None, message: str
) -> None:
    with pytest.raises(DtypeError, match=message):
        fit_temperature(logits, labels, noise=noise)
