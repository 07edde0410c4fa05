"""The operation for plain tensors: one node of autograd, with no dispatcher in between."""

from typing import Any

import torch
from torch import Tensor

from lsbench.kernels import choose, formula
from lsbench.kernels.rows import HALF, Rows, scaled_by


class Losses(torch.autograd.Function):
    """`apply(logits, rows, total, backend)` -> losses (N), or their sum ().

    Where it is wanted, the gradient is made with the loss, while each row is in the cache. It is not where the
    upstream gradient can't be a 1 or is likely to be large (float16: what is small would be lost before it is scaled),
    and where two roundings would show: then the kernel runs once more with the upstream gradient in its scale.
    """

    @staticmethod
    def forward(ctx: Any, logits: Tensor, rows: Rows, total: bool, backend: str) -> Tensor:
        """The losses; what the gradient needs is kept in ctx."""
        wanted = ctx.needs_input_grad[0] and logits.dtype != torch.float16
        if not total and (logits.dtype in HALF or logits.device.type != "cpu"):
            wanted = False
        losses, ctx.gradient = choose.forward(rows, wanted, backend)
        ctx.backend = backend
        eps, scale = rows.eps, rows.scale
        per_row = (eps if isinstance(eps, Tensor) else None, scale if isinstance(scale, Tensor) else None)
        ctx.save_for_backward(logits, rows.labels, rows.targets, *per_row, rows.weight)
        ctx.numbers = (None if per_row[0] is not None else eps, None if per_row[1] is not None else scale)
        ctx.rest = rows[6:]
        return losses.sum() if total else losses

    @staticmethod
    def backward(ctx: Any, *upstreams: Tensor) -> tuple[Tensor | None, ...]:
        """The gradient in the logits."""
        (upstream,) = upstreams
        gradient, ctx.gradient = ctx.gradient, None  # given away once: whoever gets it may write into it
        if torch.is_grad_enabled():
            return formula.gradient(_rows_of(ctx), upstream), None, None, None
        if gradient is None:
            gradient = choose.forward(scaled_by(_rows_of(ctx), upstream), True, ctx.backend)[1]
        elif upstream.device.type != "cpu":
            _rewrite(ctx, gradient, upstream)
        elif upstream.ndim or upstream.item() != 1.0:
            gradient = _times(ctx, gradient, upstream)
        return gradient, None, None, None


def _rows_of(ctx: Any) -> Rows:
    logits, labels, targets, *per_row, weight = ctx.saved_tensors
    eps, scale = (number if tensor is None else tensor for tensor, number in zip(per_row, ctx.numbers, strict=True))
    return Rows(logits, labels, targets, eps, scale, weight, *ctx.rest)


def _times(ctx: Any, gradient: Tensor, upstream: Tensor) -> Tensor | None:
    """The gradient times upstream, rounded once."""
    if gradient.dtype in HALF:
        return choose.forward(scaled_by(_rows_of(ctx), upstream), True, ctx.backend)[1]
    return gradient.mul_(upstream.unsqueeze(-1) if upstream.ndim else upstream)


def _rewrite(ctx: Any, gradient: Tensor, upstream: Tensor) -> None:
    """The gradient times upstream, in place, without waiting to know it: nothing is touched where it is 1."""
    if ctx.backend == "triton":
        choose.module("triton").rewrite(_rows_of(ctx), gradient, upstream)
    else:
        gradient.mul_(upstream)
