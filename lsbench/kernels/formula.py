"""The formula itself, in operations that autograd can follow as often as it likes.

For second derivatives, and where eps, scale, weight or targets are learned.
"""

import torch
from torch import Tensor

from lsbench.kernels.rows import PerRow, Rows, column, compute_dtype, ignored


def losses(rows: Rows) -> Tensor:
    """Losses (N), differentiable in every tensor of the rows."""
    logits, q, scale, skipped = _parts(rows)
    log_p = torch.log_softmax(logits, -1)
    values = -(q * log_p.masked_fill((q == 0) & log_p.isinf(), 0.0)).sum(-1, keepdim=True)
    if rows.z_loss:
        values = values + rows.z_loss * logits.logsumexp(-1, keepdim=True).square()
    values = (scale * values).squeeze(-1)
    return values if skipped is None else values.masked_fill(skipped, 0.0)


def gradient(rows: Rows, upstream: Tensor) -> Tensor:
    """The gradient of the losses in the logits (N, K), times upstream () or (N); differentiable in both."""
    logits, q, scale, skipped = _parts(rows)
    upstream = upstream.unsqueeze(-1) if upstream.ndim else upstream
    on_p = q.sum(-1, keepdim=True)
    if rows.z_loss:
        on_p = on_p + 2 * rows.z_loss * logits.logsumexp(-1, keepdim=True)
    values = upstream * scale * (on_p * torch.softmax(logits, -1) - q)
    if skipped is not None:
        values = values.masked_fill(skipped.unsqueeze(-1), 0.0)
    return values.to(rows.logits.dtype)


def _parts(rows: Rows) -> tuple[Tensor, Tensor, PerRow, Tensor | None]:
    """Logits without what is ignored, target masses q (N, K), the scale as a column, and which rows are ignored."""
    dtype = compute_dtype(rows.logits.dtype)
    logits, labels, skipped = rows.logits.to(dtype), rows.labels, ignored(rows)
    if skipped is not None and labels is not None:
        logits, labels = logits.masked_fill(skipped.unsqueeze(-1), 0.0), labels.masked_fill(skipped, 0)
    eps = column(rows.eps, dtype)
    if labels is not None:
        t = torch.zeros_like(logits).scatter(-1, labels.unsqueeze(-1), 1.0)
    elif rows.targets is not None:
        t = rows.targets.to(dtype)
    else:
        raise AssertionError("rows have labels or targets")
    q = (1 - eps) * t + eps / logits.shape[-1]
    return logits, q if rows.weight is None else rows.weight.to(dtype) * q, column(rows.scale, dtype), skipped
