"""Reverse and symmetric cross-entropy, where prediction and label change places."""

import math

from torch import Tensor

from lsbench.losses.arithmetic import Hyper, scaled, setting
from lsbench.losses.probability import log_probs, missed

REVERSE = -math.log(1e-4)  # 9.2103, what a class that is not the label costs: log 0 is taken to be log 1e-4


def rce(logits: Tensor, labels: Tensor) -> Tensor:
    """Reverse cross-entropy.

    -sum_c p_c log q_c with q the one-hot label and log 0 := log 1e-4, which is 9.2103 (1 - p_y)

    logits (..., n, K) of any float dtype, labels (..., n) integers; result (..., n) in nats, float32 unless the
    logits are float64. `InputError` or `DtypeError` where shapes or dtypes do not fit. The paper writes A for log 0
    and studies A = -4; its code, and all that followed, clamps q at 1e-4, as here. The code clamps p at 1e-7 too, which
    changes nothing that can be seen. (Wang et al., 2019)
    """
    return REVERSE * missed(log_probs(logits, labels)[1])


def sce(logits: Tensor, labels: Tensor, *, alpha: Hyper = 0.1, beta: Hyper = 1.0) -> Tensor:
    """Symmetric cross-entropy.

    alpha * (-log p_y) + beta * 9.2103 (1 - p_y)

    logits (..., n, K) of any float dtype, labels (..., n) integers; result (..., n) in nats, float32 unless the
    logits are float64. alpha and beta are at least 0, floats or tensors that broadcast with the labels. `InputError` or
    `DtypeError` where shapes, dtypes, alpha or beta do not fit. The defaults are the paper's for CIFAR-10; it takes
    0.01 and 1 for MNIST, 6 and 0.1 for CIFAR-100. For log 0 see `rce`. (Wang et al., 2019)
    """
    log_p, log_p_y = log_probs(logits, labels)
    alpha = setting("alpha", alpha, labels, log_p.dtype, low=0.0)
    beta = setting("beta", beta, labels, log_p.dtype, low=0.0)
    return scaled(alpha, -log_p_y) + beta * REVERSE * missed(log_p_y)
