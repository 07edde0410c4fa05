"""Poly-1: cross-entropy with another weight on the first term of its series."""

from torch import Tensor

from lsbench.losses.arithmetic import Hyper, setting
from lsbench.losses.probability import log_probs, missed


def poly1(logits: Tensor, labels: Tensor, *, poly: Hyper = 1.0) -> Tensor:
    """Poly-1 cross-entropy.

    -log p_y + poly * (1 - p_y), as -log p_y = sum_j (1 - p_y)^j / j; poly 0 is cross-entropy

    logits (..., n, K) of any float dtype, labels (..., n) integers; result (..., n) in nats, float32 unless the
    logits are float64. poly (the paper's epsilon_1) is at least -1, a float or a tensor that broadcasts with the
    labels. `InputError` or `DtypeError` where shapes, dtypes or poly do not fit. The paper tunes poly for each task,
    2 for ImageNet. (Leng et al., 2022)
    """
    log_p, log_p_y = log_probs(logits, labels)
    return -log_p_y + setting("poly", poly, labels, log_p.dtype, low=-1.0) * missed(log_p_y)
