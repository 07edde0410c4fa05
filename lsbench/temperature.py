"""Temperature scaling: the one number that logits are divided by so that the labels become most likely."""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor

from lsbench.errors import DtypeError, InputError

Status = Literal["ok", "separable", "uninformative", "constant", "not finite"]

LOWEST, HIGHEST = -6.0, 6.0  # log10 of the bracket of beta = 1/T, in units of 1 / the logits' scale
HALVINGS = 60  # of the bracket: to the last bit of log beta
SCAN = 121  # points of the coarse search, 10 per decade
PLATEAU = 1e-13  # relative difference at which the upper end counts as good as the best of the scan


@dataclass(frozen=True)
class Temperature:
    """A fit per set of logits: T, and what kind of optimum it is.

    Statuses: "ok": the optimum. "separable": the likelihood still rises at the sharpest T of the bracket, which is
    the value; for the plain fit, every label is its row's largest logit. "uninformative": it still rises at the
    flattest, which is the value; the logits are no better than none. "constant": the logits of each row are equal,
    any T is as good, the value is 1. "not finite": a NaN or an infinity among the logits, the value is nan.
    """

    value: Tensor  # (...) float64, above 0
    status: Any  # Status of one set (n, K); for a stack as nested as value.tolist()


class _Fit(NamedTuple):
    value: float
    status: Status


def fit_temperature(logits: Tensor, labels: Tensor, *, noise: Tensor | None = None) -> Temperature:
    """Find the T that minimises the mean negative log-likelihood of softmax(z / T), by bisection in float64.

    The NLL is convex in beta = 1/T, with derivative mean_i (E_p[z_i] - z_iy): its sign is bisected over log beta.
    The bracket is beta = 1e-6 to 1e6 in units of 1/s, s the mean over rows of max z - min z: so T(c z) = c T(z).

    With noise, T_ij = P(given label j | true label i), the NLL of the given labels is -log (p T)_y, which is not
    convex: the derivative mean_i (E_p[z_i] - E_q[z_i]), q_j ~ p_j T_jy, is bisected around the best of a log grid.

    logits (..., n, K) floating point, labels (..., n) integers, noise (K, K) or (..., K, K), rows that sum to 1
    -> value (...). Hostile logits give a status, see `Temperature`, never an error or a wild value.
    `InputError`: shapes, labels or noise that make no sense; `DtypeError`: of the wrong type.

    (Guo et al., 2017; Patrini et al., 2017 for the forward correction)
    """
    _require_input(logits, labels)
    leading, (n, num_classes) = logits.shape[:-2], logits.shape[-2:]
    sets = logits.detach().double().reshape(-1, n, num_classes)
    matrices = _checked_noise(noise, logits)
    fits = [
        _fit_set(z, y, None if matrices is None else matrices[i])
        for i, (z, y) in enumerate(zip(sets, labels.long().reshape(-1, n), strict=True))
    ]
    value = torch.tensor([fit.value for fit in fits], dtype=torch.float64, device=logits.device)
    return Temperature(value.reshape(leading), _nested([fit.status for fit in fits], list(leading)))


def _fit_set(logits: Tensor, labels: Tensor, noise: Tensor | None) -> _Fit:
    if not logits.isfinite().all():
        return _Fit(float("nan"), "not finite")
    size = float(logits.abs().max()) or 1.0  # first, so that no difference of huge logits overflows
    logits = logits / size
    spread = float((logits.amax(-1) - logits.amin(-1)).mean())
    if spread == 0:
        return _Fit(1.0, "constant")
    likelihood = _Likelihood(logits / spread, labels, noise)
    log_beta, status = _bisect_all(likelihood) if noise is None else _scan_and_bisect(likelihood)
    limits = torch.finfo(torch.float64)
    return _Fit(min(max(size * spread * 10**-log_beta, limits.tiny), limits.max), status)


class _Likelihood:
    """The mean negative log-likelihood of one set, and its slope, at a log10 of beta."""

    def __init__(self, logits: Tensor, labels: Tensor, noise: Tensor | None) -> None:
        y = labels[:, None]
        self.margins = logits - logits.gather(-1, y)  # (n, K), 0 at the label
        self.labels = y
        self.log_seen = None if noise is None else noise.log().T[labels]  # (n, K): log P(given | true)
        if self.log_seen is not None and bool((self.log_seen == -torch.inf).all(-1).any()):
            raise InputError("noise must not make a label that is there impossible: a column is all zero")

    def nll(self, log_beta: float) -> float:
        log_p = (self.margins * 10**log_beta).log_softmax(-1)
        if self.log_seen is None:
            return -float(log_p.gather(-1, self.labels).mean())
        return -float((log_p + self.log_seen).logsumexp(-1).mean())

    def slope(self, log_beta: float) -> float:
        """Derivative with respect to beta."""
        scaled = self.margins * 10**log_beta
        expected = (scaled.softmax(-1) * self.margins).sum(-1)
        if self.log_seen is not None:
            expected = expected - ((scaled + self.log_seen).softmax(-1) * self.margins).sum(-1)
        return float(expected.mean())


def _bisect_all(likelihood: _Likelihood) -> tuple[float, Status]:
    if likelihood.slope(LOWEST) >= 0:
        return LOWEST, "uninformative"
    if likelihood.slope(HIGHEST) <= 0:  # 0 where all other probs have underflowed
        return HIGHEST, "separable"
    return _bisect(likelihood, LOWEST, HIGHEST), "ok"


def _scan_and_bisect(likelihood: _Likelihood) -> tuple[float, Status]:
    step = (HIGHEST - LOWEST) / (SCAN - 1)
    grid = [LOWEST + step * i for i in range(SCAN)]
    values = [likelihood.nll(log_beta) for log_beta in grid]
    best = min(range(SCAN), key=values.__getitem__)
    if values[-1] <= values[best] + PLATEAU * (1 + abs(values[best])):
        return HIGHEST, "separable"
    if best == 0:
        return LOWEST, "uninformative"
    middle = grid[best]
    ends = (middle - step, middle) if likelihood.slope(middle) > 0 else (middle, middle + step)
    found = _bisect(likelihood, *ends)
    return (found if likelihood.nll(found) <= values[best] else middle), "ok"


def _bisect(likelihood: _Likelihood, low: float, high: float) -> float:
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if likelihood.slope(middle) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _nested(flat: list[Status], shape: list[int]) -> Any:
    if not shape:
        return flat[0]
    size = len(flat) // shape[0] if shape[0] else 0
    return [_nested(flat[i * size : (i + 1) * size], shape[1:]) for i in range(shape[0])]


def _require_input(logits: Tensor, labels: Tensor) -> None:
    if not (isinstance(logits, Tensor) and logits.is_floating_point()):
        raise DtypeError(f"logits must be a floating-point tensor, got {getattr(logits, 'dtype', type(logits))}")
    if (
        not isinstance(labels, Tensor)
        or labels.is_floating_point()
        or labels.is_complex()
        or labels.dtype == torch.bool
    ):
        raise DtypeError(f"labels must be an integer tensor, got {getattr(labels, 'dtype', type(labels))}")
    if logits.ndim < 2 or 0 in logits.shape[-2:]:
        raise InputError(f"logits must have shape (..., n, K), n and K at least 1; got {tuple(logits.shape)}")
    if labels.shape != logits.shape[:-1]:
        raise InputError(f"labels must have shape {tuple(logits.shape[:-1])}, got {tuple(labels.shape)}")
    if labels.numel() and not (labels.min() >= 0 and labels.max() < logits.shape[-1]):
        wrong = int(labels.min() if labels.min() < 0 else labels.max())
        raise InputError(f"labels must be class numbers in [0, {logits.shape[-1]}), got {wrong}")


def _checked_noise(noise: Tensor | None, logits: Tensor) -> Tensor | None:
    """The noise matrix of each set, (sets, K, K) float64, or None."""
    if noise is None:
        return None
    num_classes = logits.shape[-1]
    if not (isinstance(noise, Tensor) and noise.is_floating_point()):
        raise DtypeError(f"noise must be a floating-point tensor, got {getattr(noise, 'dtype', type(noise))}")
    shape = (*logits.shape[:-2], num_classes, num_classes)
    if noise.ndim < 2 or noise.shape[-2:] != shape[-2:] or noise.shape[:-2] not in ((), logits.shape[:-2]):
        raise InputError(f"noise must have shape {shape[-2:]} or {shape}, got {tuple(noise.shape)}")
    noise = noise.to(logits.device, torch.float64)
    if not (noise >= 0).all() or not ((noise.sum(-1) - 1).abs() <= 1e-4).all():
        raise InputError("noise must be a matrix of P(given | true): each row at least 0 and summing to 1")
    return noise.expand(shape).reshape(-1, num_classes, num_classes)
