"""Confidence penalty: the entropy of what is predicted is kept high."""

from torch import Tensor

from lsbench.losses.arithmetic import Hyper, setting
from lsbench.losses.probability import entropy, log_probs


def confidence_penalty(logits: Tensor, labels: Tensor, *, beta: Hyper = 0.1) -> Tensor:
    """Cross-entropy minus the entropy of the prediction.

    -log p_y - beta * H(p) with H(p) = -sum_c p_c log p_c

    logits (..., n, K) of any float dtype, labels (..., n) integers; result (..., n) in nats, float32 unless the
    logits are float64. beta is at least 0, a float or a tensor that broadcasts with the labels; 0.1 is the paper's for
    CIFAR-10, 1 its for MNIST. `InputError` or `DtypeError` where shapes, dtypes or beta do not fit. The paper's
    variant that only penalises below an entropy threshold is another. (Pereyra et al., 2017)
    """
    log_p, log_p_y = log_probs(logits, labels)
    return -log_p_y - setting("beta", beta, labels, log_p.dtype, low=0.0) * entropy(log_p)
