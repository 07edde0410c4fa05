"""Smoothed cross-entropy as one operation: no one-hot, a gradient in closed form, a kernel that suits the device."""

from torch import Tensor

from lsbench.kernels import smoothed_cross_entropy
from lsbench.losses.arithmetic import Eps, compute_dtype, smoothing
from lsbench.losses.checks import check_labels, check_logits


def fused(logits: Tensor, labels: Tensor, *, eps: Eps = 0.1) -> Tensor:
    """Label smoothing in one pass over the logits, forward and backward: `lsbench.kernels`, one loss per example.

    lse(z) - (1 - eps) z_y - (eps/K) sum_c z_c; gradient p - q with q = (1 - eps) onehot + eps/K

    Args:
        logits: (..., n, K) of any float dtype.
        labels: (..., n) class numbers of any integer dtype.
        eps: the smoothing mass over all classes, finite and at most 1; a float, or a tensor that broadcasts with the
            labels.

    Returns:
        (..., n) losses in nats, float32 unless the logits are float64.

    Raises:
        InputError: the shapes do not fit, or eps is out of range.
        DtypeError: a dtype does not fit.

    (Szegedy et al., 2016)

    Example:
        >>> import torch
        >>> fused(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]))
        tensor([2.1365])
    """
    check_logits(logits)
    check_labels(logits, labels)
    eps = smoothing(eps, labels, compute_dtype(logits.dtype))
    return smoothed_cross_entropy(logits, labels, eps=eps, ignore_index=None)
