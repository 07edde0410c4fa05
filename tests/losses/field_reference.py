"""The field's losses in plain Python floats, one example at a time, as their papers write them: no torch, no tricks."""

import math

import torch

from tests.losses.loss_reference import softmax_and_log, target

REVERSE = [0.0, math.log(1e-4)]  # log of a one-hot entry: of the label's 1, and of another's 0


def ce(z, y):
    return -softmax_and_log(z)[1][y]


def focal(z, y, gamma=2.0):
    return (1 - softmax_and_log(z)[0][y]) ** gamma * ce(z, y)


def gce(z, y, q=0.7):
    return (1 - softmax_and_log(z)[0][y] ** q) / q


def rce(z, y):
    p, _ = softmax_and_log(z)
    return -math.fsum(p[c] * REVERSE[c != y] for c in range(len(z)))


def sce(z, y, alpha=0.1, beta=1.0):
    return alpha * ce(z, y) + beta * rce(z, y)


def mae(z, y):
    p, _ = softmax_and_log(z)
    return math.fsum(abs(p[c] - (c == y)) for c in range(len(z)))


def nce(z, y):
    return ce(z, y) / math.fsum(ce(z, c) for c in range(len(z)))


def nce_rce(z, y, alpha=1.0, beta=1.0):
    return alpha * nce(z, y) + beta * rce(z, y)


def nce_mae(z, y, alpha=1.0, beta=1.0):
    return alpha * nce(z, y) + beta * mae(z, y)


def cross_entropy(q, log_p):
    return -math.fsum(a * b for a, b in zip(q, log_p, strict=True) if a)


def confidence_penalty(z, y, beta=0.1):
    p, log_p = softmax_and_log(z)
    return ce(z, y) - beta * cross_entropy(p, log_p)


def bootstrap_soft(z, y, beta=0.95):
    p, log_p = softmax_and_log(z)
    return cross_entropy([beta * (c == y) + (1 - beta) * p[c] for c in range(len(z))], log_p)


def bootstrap_hard(z, y, beta=0.8):
    _, log_p = softmax_and_log(z)
    likeliest = z.index(max(z))
    return cross_entropy([beta * (c == y) + (1 - beta) * (c == likeliest) for c in range(len(z))], log_p)


def nls(z, y, eps=-0.4):
    return cross_entropy(target(y, len(z), eps), softmax_and_log(z)[1])


def mbls(z, y, alpha=0.1, margin=10.0):
    return ce(z, y) + alpha * math.fsum(max(0, max(z) - v - margin) for v in z) / len(z)


def poly1(z, y, poly=1.0):
    return ce(z, y) + poly * (1 - softmax_and_log(z)[0][y])


def logit_norm(z, y, tau=0.04):
    length = math.hypot(*z) or 1.0
    return ce([v / (tau * length) for v in z], y)


def forward(z, y, matrix=None):
    p, _ = softmax_and_log(z)
    return -math.log(math.fsum(p[i] * (matrix[i][y] if matrix else i == y) for i in range(len(z))))


def backward(z, y, inverse=None):
    return math.fsum((inverse[y][j] if inverse else j == y) * ce(z, j) for j in range(len(z)))


def clamped(p):
    return [min(max(v, 1e-4), 1 - 1e-4) for v in p]


def elr(z, y, lam=3.0, beta=0.7, targets=None):
    if targets is None:
        return ce(z, y)
    p = clamped(softmax_and_log(z)[0])
    return ce(z, y) + lam * math.log(1 - math.fsum(a * b for a, b in zip(p, targets, strict=True)))


def remembered(z, old, beta=0.7):
    """The target of one example after it was seen with the logits z."""
    p = clamped(softmax_and_log(z)[0])
    return [beta * t + (1 - beta) * v / math.fsum(p) for t, v in zip(old, p, strict=True)]


FIELD = {
    "nls": nls,
    "focal": focal,
    "poly1": poly1,
    "logit-norm": logit_norm,
    "mbls": mbls,
    "confidence-penalty": confidence_penalty,
    "mae": mae,
    "gce": gce,
    "rce": rce,
    "sce": sce,
    "nce": nce,
    "nce-rce": nce_rce,
    "nce-mae": nce_mae,
    "bootstrap-soft": bootstrap_soft,
    "bootstrap-hard": bootstrap_hard,
    "forward": forward,
    "backward": backward,
    "elr": elr,
}


def slope(f, z, c, step=1e-5):
    """The derivative of f in the c-th logit, by central differences."""
    up, down = ([v + side * step * (k == c) for k, v in enumerate(z)] for side in (1, -1))
    return (f(up) - f(down)) / (2 * step)


def of_rows(f, logits, labels):
    """Losses (n) and gradients (n, K) in float64 of f(z, y, row number)."""
    rows = list(enumerate(zip(logits.double().tolist(), labels.tolist(), strict=True)))
    losses = [f(z, y, i) for i, (z, y) in rows]
    gradients = [[slope(lambda v, y=y, i=i: f(v, y, i), z, c) for c in range(len(z))] for i, (z, y) in rows]
    return torch.tensor(losses, dtype=torch.float64), torch.tensor(gradients, dtype=torch.float64)
