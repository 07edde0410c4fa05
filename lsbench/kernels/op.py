"""The operation as torch's dispatcher knows it, with its rules: `torch.ops.lsbench.smoothed_cross_entropy`."""

# ruff: noqa: ARG001  torch calls the rules with all arguments of the operator

from typing import Any

import torch
from torch import Tensor

from lsbench.kernels import choose, formula
from lsbench.kernels.rows import Rows, compute_dtype, scaled_by


@torch.library.custom_op("lsbench::smoothed_cross_entropy", mutates_args=())
def rows_op(
    logits: Tensor,
    labels: Tensor | None,
    targets: Tensor | None,
    eps: Tensor,
    scale: Tensor,
    weight: Tensor | None,
    ignore_index: int,
    z_loss: float,
    wanted: bool,
    backend: str,
) -> tuple[Tensor, Tensor]:
    """The losses (N) of `Rows`, and their gradient (N, K) where it is wanted, else a tensor (0)."""
    rows = Rows(logits, labels, targets, eps, scale, weight, ignore_index, z_loss)
    if not len(logits):
        losses, gradient = formula.losses(rows), torch.empty_like(logits)
    else:
        losses, gradient = choose.forward(rows, wanted, choose.choose(logits.device, backend or None))
    return losses, gradient.contiguous() if gradient is not None and wanted else logits.new_empty(0)


@rows_op.register_fake
def _(
    logits: Tensor,
    labels: Tensor | None,
    targets: Tensor | None,
    eps: Tensor,
    scale: Tensor,
    weight: Tensor | None,
    ignore_index: int,
    z_loss: float,
    wanted: bool,
    backend: str,
) -> tuple[Tensor, Tensor]:
    losses = logits.new_empty(logits.shape[0], dtype=compute_dtype(logits.dtype))
    return losses, logits.new_empty(logits.shape if wanted else (0,))


def _setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
    *fields, wanted, ctx.backend = inputs
    gradient = output[1]
    ctx.mark_non_differentiable(gradient)
    tensors = [field if isinstance(field, Tensor) else None for field in fields]
    ctx.save_for_backward(*tensors, gradient if wanted else None)
    ctx.ignore_index, ctx.z_loss = fields[6:]


def _backward(ctx: Any, upstream: Tensor, _: Tensor | None) -> tuple[Tensor | None, ...]:
    *tensors, _, _, gradient = ctx.saved_tensors
    rows = Rows(*tensors, ignore_index=ctx.ignore_index, z_loss=ctx.z_loss)
    if torch.is_grad_enabled():
        gradient = formula.gradient(rows, upstream)
    elif gradient is not None:
        gradient = gradient * upstream.unsqueeze(-1)
    else:
        gradient = rows_op(*scaled_by(rows, upstream)[:8], True, ctx.backend)[1]
    return (gradient, *(None,) * 9)


rows_op.register_autograd(_backward, setup_context=_setup_context)


@rows_op.register_vmap
def _(
    info: Any,
    in_dims: tuple[int | None, ...],
    logits: Tensor,
    labels: Tensor | None,
    targets: Tensor | None,
    eps: Tensor,
    scale: Tensor,
    weight: Tensor | None,
    ignore_index: int,
    z_loss: float,
    wanted: bool,
    backend: str,
) -> tuple[tuple[Tensor, Tensor], tuple[int, int | None]]:
    """All lanes' rows as the rows of one call; lane by lane where each has class weights of its own."""
    lanes = info.batch_size
    inputs = (logits, labels, targets, eps, scale, weight)
    fields = [_lanes_first(field, at, lanes) for field, at in zip(inputs, in_dims, strict=False)]
    rest = (ignore_index, z_loss, wanted, backend)
    if in_dims[5] is not None:
        each = [rows_op(*(None if f is None else f[lane] for f in fields), *rest) for lane in range(lanes)]
        losses, gradients = (torch.stack(parts) for parts in zip(*each, strict=True))
        return (losses, gradients), (0, 0)
    count = fields[0].shape[1] if fields[0] is not None else 0
    flat = [None if f is None else _all_rows(f, lanes, count) for f in fields[:5]]
    losses, gradient = rows_op(*flat, weight, *rest)
    losses = losses.unflatten(0, (lanes, count))
    if not wanted:
        return (losses, gradient), (0, None)
    return (losses, gradient.unflatten(0, (lanes, count))), (0, 0)


def _lanes_first(field: Tensor | None, at: int | None, lanes: int) -> Tensor | None:
    if field is None:
        return None
    return field.movedim(at, 0) if at is not None else field.expand(lanes, *field.shape)


def _all_rows(field: Tensor, lanes: int, count: int) -> Tensor:
    """(lanes, N, ...) or one number per lane (lanes), as (lanes * N, ...)."""
    field = field if field.ndim > 1 else field.unsqueeze(1).expand(lanes, count)
    return field.flatten(0, 1)
