"""Keras's two cross-entropies as losses of logits and labels, and what the drop-in modules share with them."""

import torch.nn.functional as F
from torch import Tensor

from lsbench.losses.arithmetic import Eps, column, examples, log_softmax, scaled, smoothing
from lsbench.losses.targets import one_hot, smooth, target_cross_entropy


def keras_cce(logits: Tensor, labels: Tensor, *, eps: Eps = 0.0) -> Tensor:
    """Keras's categorical cross-entropy with `from_logits=True` and `label_smoothing=eps`.

    -sum_c q_c log p_c with q = (1 - eps) onehot + eps/K; nothing is clipped, as that is for probabilities only

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

    (Chollet et al., 2015)

    Example:
        >>> import torch
        >>> keras_cce(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]), eps=0.1)
        tensor([2.1365])
    """
    z, index = examples(logits, labels)
    eps = smoothing(eps, labels, z.dtype)
    q = smooth(one_hot(index, like=z), column(eps), z.shape[-1])
    return target_cross_entropy(q, log_softmax(z), eps)


def keras_bce(logits: Tensor, labels: Tensor, *, eps: Eps = 0.0) -> Tensor:
    """Keras's binary cross-entropy: K independent sigmoids, with `from_logits=True` and `label_smoothing=eps`.

    mean_c of -t_c log s(z_c) - (1 - t_c) log s(-z_c) with s the sigmoid and t = (1 - eps) onehot + eps/2

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

    (Chollet et al., 2015)

    Example:
        >>> import torch
        >>> keras_bce(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]), eps=0.1)
        tensor([1.0278])
    """
    z, index = examples(logits, labels)
    eps = smoothing(eps, labels, z.dtype)
    t = smooth(one_hot(index, like=z), column(eps), num_classes=2)
    return binary_cross_entropy(t, F.logsigmoid(z), F.logsigmoid(-z)).mean(-1)


def binary_cross_entropy(t: Tensor, log_yes: Tensor, log_no: Tensor) -> Tensor:
    """-t log p - (1 - t) log(1 - p) of each entry."""
    return -scaled(t, log_yes) - scaled(1 - t, log_no)
