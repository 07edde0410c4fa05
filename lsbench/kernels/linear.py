"""The last linear layer and its loss in one: the logits are made, used and forgotten a few rows at a time."""

from typing import Any

import torch
from torch import Tensor

from lsbench.errors import DtypeError, InputError, require_choice, require_whole
from lsbench.kernels import choose
from lsbench.kernels.checks import check_labels, check_logits, check_per_row, check_weight
from lsbench.kernels.mean import may_be_ignored, mean_scale
from lsbench.kernels.rows import PerRow, Rows, compute_dtype, scaled_by
from lsbench.kernels.smoothed import REDUCTIONS

LOGITS_AT_ONCE = 1 << 22  # 16 MiB of float32


def fused_linear_smoothed_cross_entropy(
    hidden: Tensor,
    weight: Tensor,
    labels: Tensor,
    eps: PerRow = 0.1,
    *,
    bias: Tensor | None = None,
    ignore_index: int = -100,
    chunk: int | None = None,
    reduction: str = "mean",
) -> Tensor:
    """`smoothed_cross_entropy(hidden @ weight.T + bias, labels)` without ever holding the N x K logits.

    For "mean" and "sum" the gradients of hidden, weight and bias are added up in float32 in the forward pass, and
    multiplied in the backward pass by the gradient of the result. For "none", and for float16, whose small gradients
    would be lost before the loss scale reaches them, the logits are made once more in the backward pass. Second
    derivatives are refused.

    Args:
        hidden: (N, H), of any float dtype.
        weight: (K, H), of the same dtype.
        labels: (N) class numbers of any integer dtype.
        eps: the smoothing mass over all classes, at most 1; a number or a tensor (N).
        bias: (K), of the same dtype.
        ignore_index: a row of this label has loss and gradient 0.
        chunk: how many rows are taken at a time; None takes as many as have 4 million logits.
        reduction: none, mean or sum.

    Returns:
        () or (N) losses, float32 unless hidden is float64.

    Raises:
        InputError: the shapes do not fit, an argument is out of range, or a second derivative is asked for.
        DtypeError: a dtype does not fit.

    (Hsu et al., 2024)

    Example:
        >>> import torch
        >>> hidden, weight = torch.tensor([[1.0, 2.0]]), torch.tensor([[2.0, 0.0], [0.0, 0.0], [-1.0, 0.0]])
        >>> fused_linear_smoothed_cross_entropy(hidden, weight, torch.tensor([1]), eps=0.1)
        tensor(2.1365)
    """
    _check(hidden, weight, bias, labels, reduction)
    check_per_row("eps", eps, labels.shape, high=1.0)
    num_classes = weight.shape[0]
    if chunk is None:
        chunk = max(1, LOGITS_AT_ONCE // num_classes)
    require_whole("chunk", chunk, low=1, high=1 << 62)
    eps = eps.expand(labels.shape) if isinstance(eps, Tensor) else float(eps)
    if isinstance(eps, Tensor) and eps.requires_grad:
        raise InputError("eps that is learned needs the logits: use smoothed_cross_entropy(hidden @ weight.T, labels)")
    labels = labels.long()
    may_ignore, scale = may_be_ignored(labels, num_classes, ignore_index), 1.0
    if reduction == "mean":
        scale = mean_scale(labels, None, ignore_index, may_ignore, compute_dtype(hidden.dtype))
    rows = Rows(hidden.new_empty(0), labels, None, eps, scale, None, ignore_index, 0.0, may_ignore)
    return _Fused.apply(hidden, weight, bias, rows, chunk, reduction != "none")


def _check(hidden: Tensor, weight: Tensor, bias: Tensor | None, labels: Tensor, reduction: str) -> None:
    check_logits(hidden, "hidden")
    check_logits(weight, "weight")
    if hidden.ndim != 2 or weight.ndim != 2 or hidden.shape[1] != weight.shape[1]:
        shapes = f"{tuple(hidden.shape)} and {tuple(weight.shape)}"
        raise InputError(f"hidden must be (N, H) and weight (K, H), got the shapes {shapes}")
    if bias is not None:
        check_weight(bias, weight.shape[0], "bias")
    for name, tensor in (("weight", weight), ("bias", bias)):
        if tensor is not None and tensor.dtype != hidden.dtype:
            raise DtypeError(f"{name} must have the dtype of hidden, {hidden.dtype}; got {tensor.dtype}")
    check_labels(labels, hidden.shape[:1])
    require_choice("reduction", reduction, REDUCTIONS)


class _Fused(torch.autograd.Function):
    """In `rows` the place of the logits is empty until `_pass` puts those of a chunk there."""

    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, weight: Tensor, bias: Tensor | None, rows: Rows, chunk: int, total: bool
    ) -> Tensor:
        ctx.wanted, ctx.chunk, ctx.dtype = ctx.needs_input_grad[:3], chunk, hidden.dtype
        ctx.now = any(ctx.wanted) and total and hidden.dtype != torch.float16
        losses, ctx.gradients = _pass(hidden, weight, bias, rows, chunk, ctx.wanted if ctx.now else (False,) * 3)
        if not ctx.now:
            ctx.save_for_backward(hidden, weight, bias)
            ctx.rows = rows
        return losses.sum() if total else losses

    @staticmethod
    def backward(ctx: Any, *upstreams: Tensor) -> tuple[Tensor | None, ...]:
        if torch.is_grad_enabled():
            raise InputError(
                "the fused linear loss has no second derivatives: use smoothed_cross_entropy(hidden @ weight.T, labels)"
            )
        (upstream,) = upstreams
        if ctx.now:
            gradients = [None if gradient is None else gradient * upstream for gradient in ctx.gradients]
        else:
            hidden, weight, bias = ctx.saved_tensors
            gradients = _pass(hidden, weight, bias, scaled_by(ctx.rows, upstream), ctx.chunk, ctx.wanted)[1]
        return (*(None if gradient is None else gradient.to(ctx.dtype) for gradient in gradients), None, None, None)


def _pass(
    hidden: Tensor, weight: Tensor, bias: Tensor | None, rows: Rows, chunk: int, wanted: tuple[bool, ...]
) -> tuple[Tensor, list[Tensor | None]]:
    """Losses (N), and the gradients of hidden, weight and bias that are wanted, in the dtype of the losses."""
    count, dtype, backend = hidden.shape[0], compute_dtype(hidden.dtype), choose.choose(hidden.device)
    gradients = [
        torch.zeros_like(tensor, dtype=dtype) if tensor is not None and asked else None
        for tensor, asked in zip((hidden, weight, bias), wanted, strict=True)
    ]
    losses = torch.empty(count, dtype=dtype, device=hidden.device)
    with torch.autocast(hidden.device.type, enabled=False):
        for at in (slice(start, start + chunk) for start in range(0, count, chunk)):
            h = hidden[at]
            logits = h @ weight.t() if bias is None else torch.addmm(bias, h, weight.t())
            losses[at], g = choose.forward(_cut(rows, logits, at), any(wanted), backend, overwrites=True)
            if g is not None:
                _add(gradients, g, h, weight, at)
    return losses, gradients


def _cut(rows: Rows, logits: Tensor, at: slice) -> Rows:
    eps, scale = (field[at] if isinstance(field, Tensor) and field.ndim else field for field in (rows.eps, rows.scale))
    return rows._replace(logits=logits, labels=None if rows.labels is None else rows.labels[at], eps=eps, scale=scale)


def _add(gradients: list[Tensor | None], g: Tensor, h: Tensor, weight: Tensor, at: slice) -> None:
    """What a chunk's gradient in its logits (n, K) adds to each of the gradients."""
    of_hidden, of_weight, of_bias = gradients
    if of_hidden is not None:
        of_hidden[at] = g @ weight
    if of_weight is not None and of_weight.dtype == h.dtype:
        of_weight.addmm_(g.t(), h)
    elif of_weight is not None and h.is_cuda:
        of_weight += torch.mm(g.t(), h, out_dtype=of_weight.dtype)
    elif of_weight is not None:
        of_weight.addmm_(g.t().to(of_weight.dtype), h.to(of_weight.dtype))
    if of_bias is not None:
        of_bias += g.sum(0, dtype=of_bias.dtype)
