"""What losses are made of beside the logits: log p, the label's log p_y, what it misses, and the entropy."""

from typing import NamedTuple

import torch
from torch import Tensor

from lsbench.losses.arithmetic import examples, log_softmax


class LogProbs(NamedTuple):
    """What many losses are made of, in float32 or float64; the losses of a stack share them."""

    log_p: Tensor  # (..., n, K), of the classes
    log_p_y: Tensor  # (..., n), of the labels
    labels: Tensor  # (..., n, 1) int64


def log_probs(logits: Tensor, labels: Tensor) -> LogProbs:
    """The log-probs of logits (..., n, K) and labels (..., n); `InputError` or `DtypeError` where these do not fit."""
    z, index = examples(logits, labels)
    log_p = log_softmax(z)
    if log_p.ndim < 2 or log_p.stride(-1) == 1:
        return LogProbs(log_p, log_p.gather(-1, index).squeeze(-1), index)
    log_p_y = log_p.mT.gather(-2, index.mT).squeeze(-2)  # so that its gradient lies in memory as log_p does
    return LogProbs(log_p, log_p_y, index)


def missed(log_p_y: Tensor) -> Tensor:
    """1 - p_y, the mass that is not on the label; accurate where it is small."""
    return -torch.expm1(log_p_y)


def entropy(log_p: Tensor) -> Tensor:
    """-sum_c p_c log p_c in nats, where 0 * log 0 is 0: log p (..., n, K), result (..., n)."""
    return -(log_p.exp() * log_p.masked_fill(log_p.isinf(), 0.0)).sum(-1)
