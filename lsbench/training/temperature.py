"""Temperature scaling: the one number that logits are divided by so that the labels become most likely.

Public: `fit_temperature` and its result. The ways of fitting that a row holds are in `temperature_fits`.
"""

import math
import sys
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Literal

import torch
from torch import Tensor

from lsbench.data.tensors import Numbers, as_floats, as_labels
from lsbench.errors import InputError

__all__ = ["Status", "Temperature", "fit_temperature"]

Status = Literal["ok", "separable", "uninformative", "constant", "not finite"]

LOWEST, HIGHEST = 1e-6, 1e6  # the bracket of beta = 1/T, in units of 1 / the logits' scale
CLOSE = 1e-10  # relative width at which a bracket is closed; Newton's last step in it gives the last digits
NEWTON, STEPS = 40, 100  # steps that may be Newton's, and in all: the others halve the bracket, 27 wide in log beta
GRID = [10 ** (i / 10) for i in range(-60, 61)]  # the coarse search: 10 per decade of the bracket
FEW = 2000  # logits of one set: with more, all betas at once are no quicker than one by one
FAINT = -700.0  # exp of it is 0 beside a 1; one that underflows takes 4 to 40 times as long
PLATEAU = 1e-13  # relative difference at which the upper end counts as good as the best of the scan


@dataclass(frozen=True)
class Temperature:
    """What `fit_temperature` found for each set of logits: T, and what kind of optimum it is.

    Statuses: "ok": the optimum. "separable": the likelihood still rises at the sharpest T of the bracket, which is
    the value; for the plain fit, every label is its row's largest logit. "uninformative": it still rises at the
    flattest, which is the value; the logits are no better than none. "constant": the logits of each row are equal,
    any T is as good, the value is 1. "not finite": a NaN or an infinity among the logits, the value is nan.
    """

    value: Tensor  # (...) float64, above 0
    status: Any  # Status of one set (n, K); for a stack as nested as value.tolist()


def fit_temperature(logits: Numbers, labels: Numbers, *, noise: Numbers = None) -> Temperature:
    """Find the T that minimises the mean negative log-likelihood of softmax(z / T), in a closing bracket, in float64.

    The NLL is convex in beta = 1/T: where its slope mean_i (E_p[z_i] - z_iy) changes sign is bracketed to 1e-10, by
    Newton's steps or halving, from 1e-6 to 1e6 in units of 1 / mean_i (max z_i - min z_i); so T(c z) = c T(z).

    With noise, T_ij = P(given label j | true label i), the NLL of the given labels is -log (p T)_y, which is not
    convex: slope mean_i (E_p[z_i] - E_q[z_i]), q_j ~ p_j T_jy, bracketed in each dip of a log grid that may be lowest.
    6,000 x 10 on one core: 3 to 5 ms, with noise about 35 ms.

    Args:
        logits: (..., n, K) floating point; log-probs do as well. Tensors, arrays or lists, as the others.
        labels: (..., n) class numbers: of examples that the model was not trained on.
        noise: T, (K, K) or (..., K, K), rows that sum to 1; None where the labels are right.

    Returns:
        A `Temperature` whose value (...) is one T per set of logits, beside its status. Logits that have no such T,
        such as infinite ones, give a status, never an error or a wild value.

    Raises:
        InputError: shapes that do not fit, labels outside [0, K), noise that is no matrix of probabilities.
        DtypeError: logits or noise that are no floating-point numbers, labels that are no integers.

    (Guo et al., 2017; Patrini et al., 2017 for the noise)

    Example:
        >>> import torch
        >>> fit = fit_temperature(torch.tensor([[4.0, 0.0], [4.0, 0.0], [0.0, 4.0], [4.0, 0.0]]), [0, 0, 1, 1])
        >>> round(float(fit.value), 4), fit.status  # 3 of 4 are right: the best confidence is 0.75
        (3.641, 'ok')
    """
    logits, labels = as_floats("logits", logits), as_labels("labels", labels)
    _require_input(logits, labels)
    leading, shape = list(logits.shape[:-2]), logits.shape[-2:]
    sets, labels_of_sets = logits.detach().double().reshape(-1, *shape), labels.long().reshape(-1, shape[0])
    matrices = repeat(None) if noise is None else _checked_noise(noise, logits)
    fits = [_fit_set(z, y, matrix) for z, y, matrix in zip(sets, labels_of_sets, matrices, strict=False)]
    value = torch.tensor([value for value, _ in fits], dtype=torch.float64, device=logits.device)
    return Temperature(value.reshape(leading), _nested([status for _, status in fits], leading))


def _fit_set(logits: Tensor, labels: Tensor, noise: Tensor | None) -> tuple[float, Status]:
    if not logits.isfinite().all():
        return math.nan, "not finite"
    size = float(logits.abs().max()) or 1.0  # first, so that no difference of huge logits overflows
    logits = logits / size
    spread = float((logits.amax(-1) - logits.amin(-1)).mean())
    if spread == 0:
        return 1.0, "constant"
    likelihood = _Likelihood(logits / spread, labels, noise)
    beta, status = _optimum(likelihood) if noise is None else _scanned_optimum(likelihood)
    return min(max(size * spread / beta, sys.float_info.min), sys.float_info.max), status


class _Likelihood:
    """The mean negative log-likelihood of one set at a beta, and its derivatives with respect to it.

    nll = mean_i log sum_j exp(beta a_j) - log sum_j P(y | j) exp(beta b_j) + beta (max z - best z), with best z the
    largest logit where P(given y | true j) > 0, a = z - max z and b = z - best z: no exp overflows, no sum is 0.
    """

    def __init__(self, logits: Tensor, labels: Tensor, noise: Tensor | None) -> None:
        z = logits.T.contiguous()  # (K, n): sums over classes run along rows of examples
        top = z.amax(0)
        self.below_top = z - top
        best, self.label_probs = z.gather(0, labels[None])[0], None
        if noise is not None:
            self.label_probs = noise[:, labels]  # (K, n): P(given | true)
            possible = self.label_probs > 0
            best = z.where(possible, -torch.inf).amax(0)
            if (best == -torch.inf).any():
                raise InputError("noise must not make a label that is there impossible: a column is all zero")
            self.below_best = self.below_top if possible.all() else (z - best).where(possible, 0)
        self.gap = float((top - best).mean())

    def nll(self, beta: float) -> float:
        weights, posterior = self._weights(beta, FAINT)
        log = weights.sum(0).log_() if posterior is None else (weights.sum(0) / posterior.sum(0)).log_()
        return float(log.mean()) + beta * self.gap

    def nlls(self, betas: list[float]) -> list[float]:
        """As `nll` at each beta, of few examples at once."""
        if self.below_top.numel() > FEW:
            return [self.nll(beta) for beta in betas]
        column = self.below_top.new_tensor(betas)[:, None, None]
        weights, posterior = self._weights(column, FAINT)
        total = weights.sum(1) if posterior is None else weights.sum(1) / posterior.sum(1)
        return (total.log_().mean(1) + column[:, 0, 0] * self.gap).tolist()

    def derivatives(self, beta: float) -> tuple[float, float]:
        """The slope and the curvature of the nll."""
        weights, posterior = self._weights(beta)
        mean, variance = _moments(self.below_top, weights)
        posterior_mean, posterior_variance = (0, 0) if posterior is None else _moments(self.below_best, posterior)
        return mean + self.gap - posterior_mean, variance - posterior_variance

    def _weights(self, beta: float | Tensor, least: float = -math.inf) -> tuple[Tensor, Tensor | None]:
        """Proportional to P(true j), and to P(true j | given y), both (K, n); the logs of both at the `least`."""
        weights = _exp(self.below_top, beta, least)
        if self.label_probs is None:
            return weights, None
        if self.below_best is self.below_top:
            return weights, self.label_probs * weights
        return weights, self.label_probs * _exp(self.below_best, beta, least)


def _exp(below: Tensor, beta: float | Tensor, least: float) -> Tensor:
    exponents = below * beta
    return (exponents if least == -math.inf else exponents.clamp_min_(least)).exp_()


def _moments(values: Tensor, weights: Tensor) -> tuple[float, float]:
    """The means over examples of each one's weighted mean and variance."""
    total, weighted = weights.sum(0), weights * values
    mean = weighted.sum(0) / total
    variance = weighted.mul_(values).sum(0) / total - mean * mean
    return float(mean.mean()), float(variance.mean())


def _optimum(likelihood: _Likelihood) -> tuple[float, Status]:
    slope, curvature = likelihood.derivatives(LOWEST)
    if slope >= 0:
        return LOWEST, "uninformative"
    if likelihood.derivatives(HIGHEST)[0] <= 0:  # 0 where all other probs have underflowed
        return HIGHEST, "separable"
    return _close_in(likelihood, LOWEST, HIGHEST, LOWEST - slope / curvature), "ok"


def _scanned_optimum(likelihood: _Likelihood) -> tuple[float, Status]:
    first = _falling(likelihood)
    values = [math.inf] * first + likelihood.nlls(GRID[first:])
    lowest = min(values)
    if values[-1] <= lowest + PLATEAU * (1 + abs(lowest)):
        return HIGHEST, "separable"
    if values[0] == lowest:
        return LOWEST, "uninformative"
    around = [(i, sorted((values[i - 1], values[i + 1]))) for i in range(1, len(GRID) - 1)]
    dips = [i for i, (near, far) in around if values[i] <= near and 2 * values[i] - far <= lowest]  # may be the lowest
    return min((_dip(likelihood, *GRID[i - 1 : i + 2]) for i in dips), key=likelihood.nll), "ok"


def _falling(likelihood: _Likelihood) -> int:
    """How many points of the grid need no look, as the NLL falls from each to the one after the next.

    Its curvature is the difference of two mean variances, each at most a quarter of the mean squared range of an
    example's logits. So a slope below 0 at the lowest beta stays below 0 up to that slope over this bound.
    """
    slope, _ = likelihood.derivatives(LOWEST)
    bound = float(likelihood.below_top.amin(0).square().mean()) / 4
    end = LOWEST - slope / bound
    return max(0, sum(beta <= end for beta in GRID) - 2) if slope < 0 else 0


def _dip(likelihood: _Likelihood, low: float, middle: float, high: float) -> float:
    ends = (low, middle) if likelihood.derivatives(middle)[0] > 0 else (middle, high)
    return _close_in(likelihood, *ends, math.sqrt(ends[0] * ends[1]))


def _close_in(likelihood: _Likelihood, low: float, high: float, beta: float) -> float:
    """Where the slope goes from below 0 at low to above 0 at high: each step makes the bracket smaller."""
    same, rising = 0, False
    for step in range(STEPS):
        beta = beta if low < beta < high else math.sqrt(low * high)
        slope, curvature = likelihood.derivatives(beta)
        low, high = (beta, high) if slope < 0 else (low, beta)
        same, rising = (same + 1 if (slope < 0) == rising else 0), slope < 0
        newton = -slope / curvature if curvature > 0 else math.inf
        if high <= low * (1 + CLOSE):
            return min(max(beta + newton, low), high)
        # longer after steps from one side, and always a little beyond, so that the other end of the bracket moves too
        beyond = newton * 2 ** max(same - 2, 0) + math.copysign(CLOSE / 2 * beta, newton)
        beta = beta + beyond if step < NEWTON else math.inf
    return math.sqrt(low * high)


def _nested(flat: list[Status], shape: list[int]) -> Any:
    if not shape:
        return flat[0]
    size = len(flat) // shape[0] if shape[0] else 0
    return [_nested(flat[i * size : (i + 1) * size], shape[1:]) for i in range(shape[0])]


def _require_input(logits: Tensor, labels: Tensor) -> None:
    if logits.ndim < 2 or 0 in logits.shape[-2:]:
        raise InputError(f"logits must have shape (..., n, K), n and K at least 1; got {tuple(logits.shape)}")
    if labels.shape != logits.shape[:-1]:
        raise InputError(f"labels must have shape {tuple(logits.shape[:-1])}, got {tuple(labels.shape)}")
    low, high = (int(end) for end in labels.long().aminmax()) if labels.numel() else (0, 0)
    if low < 0 or high >= logits.shape[-1]:
        raise InputError(f"labels must be class numbers in [0, {logits.shape[-1]}), got {low if low < 0 else high}")


def _checked_noise(noise: Numbers, logits: Tensor) -> Tensor:
    """The noise matrix of each set, (sets, K, K) float64."""
    noise = as_floats("noise", noise)
    shape = (*logits.shape[:-2], logits.shape[-1], logits.shape[-1])
    if noise.ndim < 2 or noise.shape[-2:] != shape[-2:] or noise.shape[:-2] not in ((), logits.shape[:-2]):
        raise InputError(f"noise must have shape {shape[-2:]} or {shape}, got {tuple(noise.shape)}")
    noise = noise.to(logits.device, torch.float64)
    if not (noise >= 0).all() or not ((noise.sum(-1) - 1).abs() <= 1e-4).all():
        raise InputError("noise must be a matrix of P(given | true): each row at least 0 and summing to 1")
    return noise.expand(shape).reshape(-1, *shape[-2:])
