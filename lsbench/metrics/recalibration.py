"""Logistic recalibration: how the logits of the confidences would have to be stretched and shifted."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from lsbench.data.tensors import as_array, as_floats
from lsbench.errors import InputError
from lsbench.metrics.binning import top_label
from lsbench.metrics.checks import Array
from lsbench.metrics.contract import metric

Status = Literal["ok", "one outcome", "no variance", "separable", "not converged"]
STATUSES: tuple[Status, ...] = ("ok", "one outcome", "no variance", "separable", "not converged")

TOP = 1 - 2**-24  # the largest float32 below 1, logit 16.6: what a confidence above it counts as
STEPS = 100
TOLERANCE = 1e-10  # of the gradient of the mean log-likelihood, in units of a standard deviation of the logits


@dataclass(frozen=True)
class Recalibration:
    """The fit of P(correct) = sigmoid(intercept + slope logit(confidence)), (...) each; nan unless ok."""

    intercept: Tensor
    slope: Tensor  # below 1: over-confident, above 1: under-confident
    likelihood_ratio: Tensor  # 2 (log-likelihood of the fit - that of slope 1, intercept 0)
    status: Tensor  # int64 indices into STATUSES

    @property
    def p_value(self) -> Tensor:
        """Of the hypothesis slope 1 and intercept 0: chi-squared with 2 degrees of freedom, exp(-x/2)."""
        return torch.exp(-self.likelihood_ratio / 2)


@metric
def calibration_slope(probs: Tensor, labels: Tensor) -> Tensor:
    """Slope of the logistic regression of correctness on logit(confidence): 1 when calibrated, < 1 over-confident.

    Confidences above 1 - 2^-24 count as that. nan where no fit exists, see `recalibrate`.

    (Cox, 1958)

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K).

    Returns:
        (...), nan where no fit exists, see `recalibrate`, float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range.
        DtypeError: probs that are not floating point, labels that are not integers.

    Example:
        >>> probs = [[c, 1 - c] for c in (0.9, 0.8, 0.7, 0.6, 0.95, 0.75)]
        >>> round(float(calibration_slope(probs, [0, 0, 0, 1, 0, 1])), 4)
        3.6286
    """
    return recalibration_of(probs, labels).slope


@metric
def calibration_p(probs: Tensor, labels: Tensor) -> Tensor:
    """p-value of the likelihood-ratio test that the calibration slope is 1 and the intercept 0.

    exp(-LR/2), chi-squared with 2 degrees of freedom; about uniform for a calibrated model of enough examples.

    (Cox, 1958; Miller, Hui and Tierney, 1991)

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K).

    Returns:
        (...) in [0, 1], nan where no fit exists, float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range.
        DtypeError: probs that are not floating point, labels that are not integers.

    Example:
        >>> probs = [[c, 1 - c] for c in (0.9, 0.8, 0.7, 0.6, 0.95, 0.75)]
        >>> round(float(calibration_p(probs, [0, 0, 0, 1, 0, 1])), 4)
        0.4423
    """
    return recalibration_of(probs, labels).p_value


def recalibration_of(probs: Tensor, labels: Tensor) -> Recalibration:
    """`recalibrate` of the top label of checked probs (..., n, K)."""
    return _fit(*top_label(probs, labels))


def recalibrate(confidence: Array, correct: Array) -> Recalibration:
    """Fit intercept and slope by Newton's method with halved steps, in float64.

    Args:
        confidence: (..., n) in (0, 1]; clamped to 1 - 2^-24.
        correct: (..., n) of 0 and 1, or of truth values.

    Returns:
        The fit, of tensors. Its status is "one outcome" when all are right or all wrong; "no variance" when all
        confidences are equal; "separable" when some threshold splits right from wrong, so that the slope is infinite;
        "not converged" after 100 steps.

    Raises:
        InputError: shapes that differ, confidences outside (0, 1], or what is neither right nor wrong.
        DtypeError: what is no number.

    Example:
        >>> fit = recalibrate([0.9, 0.8, 0.7, 0.6, 0.95, 0.75], [1, 1, 1, 0, 1, 0])
        >>> round(fit.slope.item(), 4), STATUSES[fit.status]
        (3.6286, 'ok')
    """
    sure = as_floats("confidence", confidence).double()
    right = correct if isinstance(correct, Tensor) else torch.from_numpy(as_array("correct", correct, "numbers").copy())
    if sure.shape != right.shape or not sure.ndim:
        raise InputError(f"confidence and correct must be (..., n), got {tuple(sure.shape)} and {tuple(right.shape)}")
    if not ((sure > 0) & (sure <= 1)).all():
        raise InputError("confidence must lie in (0, 1], got a number outside, or NaN")
    if not ((right == 0) | (right == 1)).all():
        raise InputError("correct must be 0 or 1 of each example, got another number")
    return _fit(sure, right.double())


def _fit(confidence: Tensor, correct: Tensor) -> Recalibration:
    """`recalibrate` of checked (..., n), in float64."""
    logit = torch.logit(confidence.clamp(max=TOP))
    status = _diagnose(logit, correct)
    mean = logit.mean(-1, keepdim=True)
    deviation = (logit - mean).square().mean(-1, keepdim=True).sqrt()
    scaled = (logit - mean) / torch.where(deviation > 0, deviation, 1)
    fit, converged = _newton(scaled, correct, start_active=status == 0)
    status = torch.where((status == 0) & ~converged, STATUSES.index("not converged"), status)
    slope = fit[..., 1] / deviation[..., 0]
    intercept = fit[..., 0] - slope * mean[..., 0]
    gain = _log_likelihood(scaled, correct, fit) - _bernoulli(logit, correct)
    ratio = 2 * gain.clamp(min=0) * logit.shape[-1]
    fitted = [torch.where(status == 0, value, torch.nan) for value in (intercept, slope, ratio)]
    return Recalibration(fitted[0], fitted[1], fitted[2], status)


def _diagnose(logit: Tensor, correct: Tensor) -> Tensor:
    """Where the likelihood has no finite maximum, and why: the first reason of STATUSES that holds, else 0."""
    right = correct > 0
    lowest_right, highest_right = _ends(logit, right)
    lowest_wrong, highest_wrong = _ends(logit, ~right)
    separable = (highest_wrong <= lowest_right) | (highest_right <= lowest_wrong)
    status = torch.where(separable, STATUSES.index("separable"), 0)
    status = torch.where(logit.amin(-1) == logit.amax(-1), STATUSES.index("no variance"), status)
    one_outcome = right.all(-1) | ~right.any(-1)
    return torch.where(one_outcome, STATUSES.index("one outcome"), status)


def _ends(logit: Tensor, among: Tensor) -> tuple[Tensor, Tensor]:
    return logit.where(among, torch.inf).amin(-1), logit.where(among, -torch.inf).amax(-1)


def _newton(x: Tensor, correct: Tensor, start_active: Tensor) -> tuple[Tensor, Tensor]:
    """Maximise the likelihood over (intercept, slope) (..., 2); each problem stops by itself when it has converged."""
    fit = torch.zeros(*x.shape[:-1], 2, dtype=x.dtype, device=x.device)
    active = start_active
    for _ in range(STEPS):
        gradient, step = _newton_step(x, correct, fit)
        active = active & (gradient.abs().amax(-1) > TOLERANCE)
        if not active.any():
            break
        fit = torch.where(active[..., None], _uphill(x, correct, fit, step), fit)
    return fit, ~active


def _newton_step(x: Tensor, correct: Tensor, fit: Tensor) -> tuple[Tensor, Tensor]:
    p = torch.sigmoid(fit[..., :1] + fit[..., 1:] * x)
    residual, weight = correct - p, p * (1 - p)
    gradient = torch.stack([residual.mean(-1), (residual * x).mean(-1)], -1)
    a, b, c = weight.mean(-1), (weight * x).mean(-1), (weight * x * x).mean(-1)
    determinant = (a * c - b * b).clamp(min=torch.finfo(x.dtype).tiny)
    g, h = gradient.unbind(-1)
    return gradient, torch.stack([c * g - b * h, a * h - b * g], -1) / determinant[..., None]


def _uphill(x: Tensor, correct: Tensor, fit: Tensor, step: Tensor) -> Tensor:
    """Halve the step until it does not lower the likelihood."""
    before = _log_likelihood(x, correct, fit)
    size = torch.ones_like(before)
    for _ in range(30):
        worse = _log_likelihood(x, correct, fit + size[..., None] * step) < before - 1e-15
        if not worse.any():
            break
        size = torch.where(worse, size / 2, size)
    return fit + size[..., None] * step


def _log_likelihood(x: Tensor, correct: Tensor, fit: Tensor) -> Tensor:
    return _bernoulli(fit[..., :1] + fit[..., 1:] * x, correct)


def _bernoulli(logit: Tensor, correct: Tensor) -> Tensor:
    """Mean log-likelihood of correctness under sigmoid(logit)."""
    return torch.where(correct > 0, torch.nn.functional.logsigmoid(logit), torch.nn.functional.logsigmoid(-logit)).mean(
        -1
    )
