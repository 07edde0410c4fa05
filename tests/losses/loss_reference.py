"""Smoothed cross-entropy in plain Python floats, one example at a time: slow, and with nothing of torch in it."""

import math

import torch


def softmax_and_log(z):
    top = max(z)
    log_sum = math.log(math.fsum(math.exp(v - top) for v in z))
    log_p = [(v - top) - log_sum for v in z]
    return [math.exp(v) for v in log_p], log_p


def target(y, num_classes, eps):
    return [(1 - eps) * (c == y) + eps / num_classes for c in range(num_classes)]


def loss_and_gradient(z, y, eps, weight=None):
    """The loss of one example, and its gradient in the logits."""
    weight = weight or [1.0] * len(z)
    p, log_p = softmax_and_log(z)
    q = [w * t for w, t in zip(weight, target(y, len(z), eps), strict=True)]
    loss = -math.fsum(a * b for a, b in zip(q, log_p, strict=True) if a)
    mass = math.fsum(q)
    return loss, [mass * a - b for a, b in zip(p, q, strict=True)]


def of_batch(logits, labels, eps, weight=None):
    """Losses (n) and gradients (n, K) in float64."""
    rows = zip(logits.double().tolist(), labels.tolist(), strict=True)
    losses, gradients = zip(*(loss_and_gradient(z, y, eps, weight) for z, y in rows), strict=True)
    return torch.tensor(losses, dtype=torch.float64), torch.tensor(gradients, dtype=torch.float64)


def batch(rows=5, classes=7, scale=3.0, dtype=torch.float64, seed=0):
    """Random logits (rows, classes) and labels (rows)."""
    generator = torch.Generator().manual_seed(seed)
    logits = scale * torch.randn(rows, classes, generator=generator, dtype=torch.float64)
    return logits.to(dtype), torch.randint(classes, (rows,), generator=generator)


def value_and_gradient(loss, logits, *arguments):
    """What a loss returns, and the gradient of its sum in the logits."""
    logits = logits.detach().clone().requires_grad_()
    losses = loss(logits, *arguments)
    (gradient,) = torch.autograd.grad(losses.sum(), logits)
    return losses.detach(), gradient
