"""The kernel in torch's own operations: there on every machine, for every device.

Logits enter shifted by the row's largest, so that a large offset costs no digits. All is done in place in one buffer
of the logits' size, and on a CPU a few rows at a time, so that all passes but the first find them in the cache.
"""

import functools
import math

import torch
from torch import Tensor

from lsbench.kernels.rows import PerRow, Rows, column, compute_dtype, ignored

CACHED = 1 << 20  # logits that are worked on at once on a CPU: 4 MiB of float32, and calls that are worth their start
LOG2_E = math.log2(math.e)
FEW = 1 << 12  # numbers whose exponentials cost less than a call into torch


def forward(rows: Rows, wanted: bool) -> tuple[Tensor, Tensor | None]:
    """Losses (N), and their gradient (N, K) in the logits' dtype where it is wanted."""
    logits, skipped = rows.logits, ignored(rows)
    if skipped is not None and rows.labels is not None:
        rows = rows._replace(labels=rows.labels.masked_fill(skipped, 0))
    if rows.weight is not None:
        rows = rows._replace(weight=rows.weight.to(compute_dtype(logits.dtype)))
    step = max(1, CACHED // logits.shape[1])
    if logits.device.type != "cpu" or logits.shape[0] <= step:
        losses, gradient = _piece(rows, None, wanted)
    else:
        gradient = logits.new_empty(logits.shape) if wanted else None
        losses = _in_pieces(rows, gradient, step)
    if skipped is not None:
        losses.masked_fill_(skipped, 0.0)
        if gradient is not None:
            _clear(gradient, skipped)
    return losses, gradient


def _in_pieces(rows: Rows, gradient: Tensor | None, step: int) -> Tensor:
    pieces = (slice(start, start + step) for start in range(0, rows.logits.shape[0], step))
    parts = [
        _piece(_cut(rows, at), gradient if gradient is None else gradient[at], gradient is not None) for at in pieces
    ]
    return torch.cat([losses for losses, _ in parts])


def _cut(rows: Rows, at: slice) -> Rows:
    labels, targets = (None if field is None else field[at] for field in (rows.labels, rows.targets))
    eps, scale = (field[at] if isinstance(field, Tensor) and field.ndim else field for field in (rows.eps, rows.scale))
    return rows._replace(logits=rows.logits[at], labels=labels, targets=targets, eps=eps, scale=scale)


def _clear(gradient: Tensor, skipped: Tensor) -> None:
    """Zero in the skipped rows; on a CPU without touching the others, elsewhere without waiting to know them."""
    if gradient.device.type == "cpu":
        gradient.index_fill_(0, skipped.nonzero().squeeze(1), 0.0)
    else:
        gradient.masked_fill_(skipped.unsqueeze(1), 0.0)


def _piece(rows: Rows, place: Tensor | None, wanted: bool) -> tuple[Tensor, Tensor | None]:
    """The losses, and the gradient, in its place where there is one."""
    dtype = compute_dtype(rows.logits.dtype)
    z = rows.logits if rows.logits.dtype == dtype else rows.logits.to(dtype)
    top = z.amax(1, keepdim=True)
    buffer = torch.sub(z, top, out=place) if place is not None and place.dtype == dtype else z - top
    work = _of_labels if rows.targets is None else _of_targets
    losses = work(rows, buffer, top, wanted)
    if not wanted:
        return losses, None
    if place is None:
        return losses, buffer if rows.logits.dtype == dtype else buffer.to(rows.logits.dtype)
    return losses, place if place is buffer else place.copy_(buffer)


def _of_labels(rows: Rows, shifted: Tensor, top: Tensor, wanted: bool) -> Tensor:
    """Losses (N); the shifted logits (N, K) become their gradient where it is wanted."""
    if rows.labels is None:
        raise AssertionError("rows have labels or targets")
    index, weight = rows.labels.unsqueeze(1), rows.weight
    eps, scale = _columns(rows, shifted.dtype)
    floor, peak, mass = eps / shifted.shape[1], 1 - eps, None
    at_label = shifted.gather(1, index)
    if weight is not None:
        peak = peak * weight[index]
        mass = peak + eps * weight.mean()
    spread = _spread(shifted, weight) if isinstance(eps, Tensor) or eps else None
    total = _exponentials(shifted)
    log_total = total.log()
    losses = log_total * mass if mass is not None else log_total.clone() if rows.z_loss else log_total
    _take(losses, peak, at_label)
    if spread is not None:
        _take(losses, floor, spread)
    if rows.z_loss:
        mass = _add_z_loss(losses, 1.0 if mass is None else mass, rows.z_loss, top + log_total)
    if wanted:
        on_p = scale if mass is None else scale * mass
        shifted.mul_(torch.div(_number(on_p, shifted.dtype), total))
        _subtract_floor(shifted, floor * scale, weight)
        minus_peak = -scale * peak
        at_label = minus_peak.expand_as(at_label) if isinstance(minus_peak, Tensor) else at_label.fill_(minus_peak)
        shifted.scatter_add_(1, index, at_label)
    return _scaled(losses, scale).squeeze(1)


def _of_targets(rows: Rows, shifted: Tensor, top: Tensor, wanted: bool) -> Tensor:
    """Losses (N); the shifted logits (N, K) become their gradient where it is wanted."""
    if rows.targets is None:
        raise AssertionError("rows have labels or targets")
    eps, scale = _columns(rows, shifted.dtype)
    q = rows.targets.to(shifted.dtype) * (1 - eps)
    q += eps / shifted.shape[1]
    if rows.weight is not None:
        q *= rows.weight
    mass = q.sum(1, keepdim=True)
    expected = _times(q, shifted).sum(1, keepdim=True)
    total = _exponentials(shifted)
    log_total = total.log()
    losses = mass * log_total - expected
    if rows.z_loss:
        mass = _add_z_loss(losses, mass, rows.z_loss, top + log_total)
    if wanted:
        shifted.mul_(scale * mass / total).sub_(q.mul_(scale))
    return _scaled(losses, scale).squeeze(1)


def _columns(rows: Rows, dtype: torch.dtype) -> tuple[PerRow, PerRow]:
    return column(rows.eps, dtype), column(rows.scale, dtype)


def _exponentials(shifted: Tensor) -> Tensor:
    """The sum of each row's exponentials, as a column; they take the place of the shifted logits."""
    if shifted.dtype == torch.float32 and shifted.device.type == "cpu" and shifted.numel() > FEW:
        # twice as fast as exp there; d + (log2(e) - 1) d rounds once, with a constant that is closer than log2(e)
        shifted.add_(shifted, alpha=LOG2_E - 1).exp2_()
    else:
        shifted.exp_()
    return shifted.sum(1, keepdim=True)


def _number(value: PerRow, dtype: torch.dtype) -> Tensor:
    """A number as a tensor (), which torch takes faster than it wraps the number itself."""
    return value if isinstance(value, Tensor) else _constant(value, dtype)


@functools.lru_cache(maxsize=64)
def _constant(value: float, dtype: torch.dtype) -> Tensor:
    return torch.tensor(value, dtype=dtype, device="cpu")


def _spread(shifted: Tensor, weight: Tensor | None) -> Tensor:
    """sum_c w_c (z_c - max z), as a column."""
    return (shifted if weight is None else _times(weight, shifted)).sum(1, keepdim=True)


def _add_z_loss(losses: Tensor, mass: PerRow, z_loss: float, lse: Tensor) -> PerRow:
    """Add z_loss lse^2 to the losses; the factor on p in the gradient is A + 2 z_loss lse."""
    losses.addcmul_(lse, lse, value=z_loss)
    return mass + 2 * z_loss * lse


def _subtract_floor(buffer: Tensor, floor: PerRow, weight: Tensor | None) -> None:
    if weight is not None:
        buffer.sub_(weight * floor)
    elif isinstance(floor, Tensor) or floor:
        buffer.sub_(_number(floor, buffer.dtype))


def _take(losses: Tensor, mass: PerRow, value: Tensor) -> None:
    """Subtract mass times value, where 0 * inf is 0."""
    if isinstance(mass, Tensor):
        losses.sub_(_times(mass, value))
    elif mass:
        losses.sub_(value, alpha=mass)


def _scaled(losses: Tensor, scale: PerRow) -> Tensor:
    return losses.mul_(_number(scale, losses.dtype)) if isinstance(scale, Tensor) or scale != 1.0 else losses


def _times(weight: Tensor, value: Tensor) -> Tensor:
    """The product, where 0 * inf is 0: a class of weight 0 may have the logit -inf."""
    return weight * value.masked_fill((weight == 0) & value.isinf(), 0.0)
