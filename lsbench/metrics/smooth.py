"""Calibration error without bins: residuals smoothed by a kernel whose width is the error itself."""

import math

import torch
from torch import Tensor

from lsbench.metrics.binning import sum_in_bins, top_label
from lsbench.metrics.contract import metric

GRID = 4096  # cells of [0, 1] that the residuals are spread over: the error of a smoothed residual is O(1 / GRID^2)
STEPS, CLOSE = 40, 1e-14  # of the root: at most so many steps, until smECE - sigma is so small
DIGITS = 2.0**40  # of the result per unit: beyond them the order of the sums decides


@metric
def smooth_ece(probs: Tensor, labels: Tensor) -> Tensor:
    """SmoothECE of the top label: the sigma at which smECE_sigma = sigma.

    smECE_sigma = integral over t in [0, 1] of |1/n sum_i K_sigma(t, c_i) (correct_i - c_i)|, with K the Gaussian of
    standard deviation sigma reflected at 0 and 1. smECE_sigma falls as sigma grows, so the crossing is unique.

    (Błasiok and Nakkiran, 2024)

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K).

    Returns:
        (...) in [0, 1], float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range.
        DtypeError: probs that are not floating point, labels that are not integers.

    Example:
        >>> round(float(smooth_ece([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]], [0, 1, 1, 1])), 4)
        0.1381
    """
    confidence, correct = top_label(probs, labels)
    waves = _cosine_transform(_on_grid(confidence, correct - confidence))
    low, high = torch.zeros_like(confidence[..., 0]), torch.ones_like(confidence[..., 0])
    over, under = _smoothed(waves, low), _smoothed(waves, high) - 1  # smECE - sigma at both ends
    sigma, excess = low, over
    side = torch.zeros_like(low)  # of the last step: 1 moved the lower end, -1 the upper
    for _ in range(STEPS):
        if (close := excess.abs() < CLOSE).all():
            break
        sigma = torch.where(close, sigma, (low * under - high * over) / (under - over))
        excess = _smoothed(waves, sigma) - sigma
        above = excess > 0
        low, high = torch.where(above, sigma, low), torch.where(above, high, sigma)
        # an end that stays a second time counts half, so that it moves too (Illinois)
        over, under = (
            torch.where(above, excess, torch.where(side < 0, over / 2, over)),
            torch.where(above, torch.where(side > 0, under / 2, under), excess),
        )
        side = torch.where(above, 1.0, -1.0)
    return (sigma * DIGITS).round() / DIGITS


@metric
def smooth_ece_at(probs: Tensor, labels: Tensor, sigma: float) -> Tensor:
    """smECE_sigma of `smooth_ece` at a fixed sigma.

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K).
        sigma: of the Gaussian, above 0; below 1/1000 it is blurred by the grid.

    Returns:
        (...) in [0, 1], float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range.
        DtypeError: probs that are not floating point, labels that are not integers.

    Example:
        >>> round(float(smooth_ece_at([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]], [0, 1, 1, 1], sigma=0.1)), 4)
        0.1817
    """
    confidence, correct = top_label(probs, labels)
    waves = _cosine_transform(_on_grid(confidence, correct - confidence))
    return _smoothed(waves, torch.full_like(confidence[..., 0], sigma))


def _on_grid(place: Tensor, mass: Tensor) -> Tensor:
    """Share each mass between the two grid points beside it; (..., n) -> mean mass (..., GRID + 1)."""
    left = (place * GRID).floor().clamp(max=GRID - 1)
    right_share = place * GRID - left
    points, left = GRID + 1, left.long()
    total = sum_in_bins(mass * (1 - right_share), left, points) + sum_in_bins(mass * right_share, left + 1, points)
    return total / place.shape[-1]


def _cosine_transform(mass: Tensor) -> Tensor:
    """Coefficients of the even, 2-periodic density: reflecting at 0 and 1 is what that period does."""
    density = mass * GRID
    density[..., [0, -1]] *= 2  # the end points stand for half a cell
    return torch.fft.rfft(torch.cat([density, density[..., 1:-1].flip(-1)], -1))


def _smoothed(waves: Tensor, sigma: Tensor) -> Tensor:
    """Damp each wave k by exp(-(sigma pi k)^2 / 2), the Gaussian's transform; integrate |density| by trapezoids."""
    k = torch.arange(GRID + 1, dtype=sigma.dtype, device=sigma.device)
    damping = torch.exp(-((sigma[..., None] * math.pi * k) ** 2) / 2)
    density = torch.fft.irfft(waves * damping, n=2 * GRID)[..., : GRID + 1].abs()
    return (density.sum(-1) - (density[..., 0] + density[..., -1]) / 2) / GRID
