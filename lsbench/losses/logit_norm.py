"""Logit normalisation: only the direction of the logits is trained, not their length."""

import torch
from torch import Tensor

from lsbench.losses.arithmetic import Hyper, column, examples, log_softmax, setting

SMALLEST_TAU = 1e-6


def logit_norm(logits: Tensor, labels: Tensor, *, tau: Hyper = 0.04) -> Tensor:
    """Cross-entropy of the logits' direction.

    -log softmax(z / (tau ||z||))_y; at z = 0, where there is no direction, ||z|| is taken to be 1

    The length of the logits stays about what it was at first, so that probs mean little before a temperature is fitted.
    The published code adds 1e-7 to the norm instead, which makes gradients of 1e8 near 0.

    Args:
        logits: (..., n, K) of any float dtype.
        labels: (..., n) class numbers of any integer dtype.
        tau: the temperature, at least 1e-6; a float, or a tensor that broadcasts with the labels. 0.04 is the value of
            the paper for CIFAR-10.

    Returns:
        (..., n) losses in nats, float32 unless the logits are float64.

    Raises:
        InputError: the shapes do not fit, or tau is out of range.
        DtypeError: a dtype does not fit.

    (Wei et al., 2022b)

    Example:
        >>> import torch
        >>> logit_norm(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]))
        tensor([22.3607])
    """
    z, index = examples(logits, labels)
    tau = setting("tau", tau, labels, z.dtype, low=SMALLEST_TAU)
    log_p = log_softmax(_direction(z) / column(tau))
    return -log_p.gather(-1, index).squeeze(-1)


def _direction(z: Tensor) -> Tensor:
    """The direction z / ||z|| (..., n, K); 0 with the gradient 1 at 0. Where logits are infinite, they alone are it."""
    largest = z.detach().abs().amax(-1, keepdim=True)
    z = torch.where(largest.isinf(), z.detach().isinf() * z.detach().sign(), z)
    largest = largest.masked_fill((largest == 0) | largest.isinf(), 1.0)
    scaled = z / largest  # its squares neither overflow nor vanish; the constant cancels out
    square = scaled.square().sum(-1, keepdim=True)
    return scaled / square.masked_fill(square == 0, 1.0).sqrt()
