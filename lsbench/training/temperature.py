"""Temperature scaling: the one number that logits are divided by so that the labels become most likely.

Public: `fit_temperature` and its result. The ways of fitting that a row holds are in `temperature_fits`.
"""

import math
import sys
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import torch
from torch import Tensor

from lsbench.data.tensors import Numbers, as_floats, as_labels
from lsbench.errors import InputError
from lsbench.training.devices import at_once
from lsbench.training.temperature_search import Optimum, Status, optima

__all__ = ["Status", "Temperature", "fit_temperature"]


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
    matrices = None if noise is None else _checked_noise(noise, logits)
    size = at_once(logits.device.type, shape.numel())
    parts = (repeat(None) if own is None else own.split(size) for own in (sets, labels_of_sets, matrices))
    fits = [fit for part in zip(*parts, strict=False) for fit in _fit_sets(*part)]
    value = torch.tensor([value for value, _ in fits], dtype=torch.float64, device=logits.device)
    return Temperature(value.reshape(leading), _nested([status for _, status in fits], leading))


def _fit_sets(sets: Tensor, labels: Tensor, noise: Tensor | None) -> list[Optimum]:
    """The temperature of each of some sets (sets, n, K) and its status."""
    size = sets.abs().amax((-1, -2))
    size = size.where(size > 0, 1.0)
    sets = sets / size.view(-1, 1, 1)  # first, so that no difference of huge logits overflows
    spread = (sets.amax(-1) - sets.amin(-1)).mean(-1)  # NaN where a logit is not finite
    scales = torch.stack([size, spread], 1).tolist()
    fits: list[Optimum] = [(1.0, "constant") if spread == 0 else (math.nan, "not finite") for _, spread in scales]
    regular = [i for i, (_, spread) in enumerate(scales) if spread > 0]
    if len(regular) < len(fits):
        sets, spread, labels = sets[regular], spread[regular], labels[regular]
        noise = None if noise is None else noise[regular]
    for i, (beta, status) in zip(regular, optima(sets / spread.view(-1, 1, 1), labels, noise), strict=True):
        fits[i] = min(max(math.prod(scales[i]) / beta, sys.float_info.min), sys.float_info.max), status
    return fits


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
