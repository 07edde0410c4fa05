"""Smoothed cross-entropy with its gradient in closed form: no one-hot, and only the logits are kept for it."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from lsbench.losses.arithmetic import Eps, column, compute_dtype, scaled, smoothing, upcast
from lsbench.losses.checks import check_labels, check_logits, traced


def fused(logits: Tensor, labels: Tensor, *, eps: Eps = 0.1) -> Tensor:
    """Label smoothing in one pass over the logits, forward and backward.

    lse(z) - (1 - eps) z_y - (eps/K) sum_c z_c; gradient p - q with q = (1 - eps) onehot + eps/K

    logits (..., n, K) of any float dtype, labels (..., n) integers; result (..., n) in nats, float32 unless the
    logits are float64. eps is a float, finite and at most 1, or a tensor that broadcasts with the labels.
    `InputError` or `DtypeError` where shapes, dtypes or eps do not fit. (Szegedy et al., 2016)
    """
    return weighted_fused(logits, labels, eps, None)


def weighted_fused(logits: Tensor, labels: Tensor, eps: Eps, weight: Tensor | None) -> Tensor:
    """`fused` with one constant weight w_c (K) per class, as torch's cross-entropy weighs.

    (1 - eps) w_y (-log p_y) + (eps/K) sum_c w_c (-log p_c); the gradient is A p - w q with A = sum_c w_c q_c
    """
    check_logits(logits)
    check_labels(logits, labels)
    dtype = compute_dtype(logits.dtype)
    eps = smoothing(eps, labels, dtype)
    weight = None if weight is None else weight.detach().to(dtype)
    return _Fused.apply(logits, labels.long(), eps, weight)


class _Fused(torch.autograd.Function):
    """Saves the logits in their own dtype, and makes the softmax again when the gradient is asked for."""

    generate_vmap_rule = True

    @staticmethod
    def forward(logits: Tensor, labels: Tensor, eps: Eps, weight: Tensor | None) -> Tensor:
        log_p = F.log_softmax(upcast(logits), dim=-1)  # subtracts the row's largest logit first
        at_label, on_average = _label_and_mean(log_p, labels, weight)
        return -scaled(1 - eps, at_label) - scaled(eps, on_average)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:  # noqa: ARG004  torch's signature
        logits, labels, eps, weight = inputs
        per_row = isinstance(eps, Tensor)
        ctx.save_for_backward(logits, labels, eps if per_row else None, weight)
        ctx.eps = None if per_row else eps

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor | None, ...]:
        (upstream,) = grad_outputs
        logits, labels, eps, weight = ctx.saved_tensors
        eps = ctx.eps if eps is None else eps
        grad_logits = _logits_gradient(logits, labels, eps, weight, upstream) if ctx.needs_input_grad[0] else None
        grad_eps = _eps_gradient(logits, labels, weight, upstream) if ctx.needs_input_grad[2] else None
        return grad_logits, None, grad_eps, None


def _label_and_mean(log_p: Tensor, labels: Tensor, weight: Tensor | None) -> tuple[Tensor, Tensor]:
    """w_y log p_y, and the mean over the classes of w_c log p_c."""
    if weight is not None:
        log_p = scaled(weight, log_p)
    return log_p.gather(-1, labels.unsqueeze(-1)).squeeze(-1), log_p.mean(-1)


def _logits_gradient(logits: Tensor, labels: Tensor, eps: Eps, weight: Tensor | None, upstream: Tensor) -> Tensor:
    """A p - w q times what comes from above; in place unless it is to be differentiated or mapped itself."""
    p = F.softmax(upcast(logits), dim=-1)
    index, scale = labels.unsqueeze(-1), upstream.unsqueeze(-1)
    peak, floor, total = _masses(index, column(eps), weight, num_classes=p.shape[-1])
    if torch.is_grad_enabled() or traced(upstream):
        gradient = (p * (scale * total) - scale * floor).scatter_add(-1, index, -scale * peak)
    else:
        gradient = p.mul_(scale * total).sub_(scale * floor).scatter_add_(-1, index, -scale * peak)
    return gradient.to(logits.dtype)


def _masses(index: Tensor, eps: Eps, weight: Tensor | None, num_classes: int) -> tuple[Eps, Eps, Eps]:
    """The target's extra mass on the label, its mass on each class, and the sum of all of it."""
    if weight is None:
        return 1 - eps, eps / num_classes, 1.0
    peak = (1 - eps) * weight[index]
    return peak, eps / num_classes * weight, peak + eps * weight.mean()


def _eps_gradient(logits: Tensor, labels: Tensor, weight: Tensor | None, upstream: Tensor) -> Tensor:
    """The gradient w_y log p_y - mean_c w_c log p_c, times what comes from above."""
    at_label, on_average = _label_and_mean(F.log_softmax(upcast(logits), dim=-1), labels, weight)
    return upstream * (at_label - on_average)
