"""Focal loss: examples that are learnt already count less."""

from torch import Tensor

from lsbench.losses.arithmetic import Hyper, setting
from lsbench.losses.probability import LogProbs, log_probs, missed


def focal(logits: Tensor, labels: Tensor, *, gamma: Hyper = 2.0, detach: Hyper = 0.0) -> Tensor:
    """Focal loss.

    (1 - p_y)^gamma * (-log p_y); gamma 0 is cross-entropy

    The paper is about detection with sigmoids, and gamma 2 gave its best result; this is the form with a softmax,
    without class weights. Some codes, that of the active-passive losses (Ma et al., 2020) among them, let no gradient
    flow through the factor (1 - p_y)^gamma: that is detach 1. The value is the same, the gradient is the factor times
    that of cross-entropy.

    Args:
        logits: (..., n, K) of any float dtype.
        labels: (..., n) class numbers of any integer dtype.
        gamma: how much less an example counts that is learnt already, at least 0; a float, or a tensor that broadcasts
            with the labels.
        detach: the share of the gradient through the factor that is left out, in [0, 1]; a float or a tensor likewise.

    Returns:
        (..., n) losses in nats, float32 unless the logits are float64.

    Raises:
        InputError: the shapes do not fit, or gamma or detach is out of range.
        DtypeError: a dtype does not fit.

    (Lin et al., 2017)

    Example:
        >>> import torch
        >>> focal(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]))
        tensor([1.7026])
    """
    return focal_of_log_probs(log_probs(logits, labels), gamma=gamma, detach=detach)


def focal_of_log_probs(given: LogProbs, *, gamma: Hyper, detach: Hyper) -> Tensor:
    """`focal` of log-probs."""
    log_p_y = given.log_p_y
    gamma = setting("gamma", gamma, log_p_y, log_p_y.dtype, low=0.0)
    # At p_y 1 and 0 the factor takes no part in the gradient, but its own is 0 * inf.
    factor = missed(log_p_y).masked_fill((log_p_y == 0) | log_p_y.isinf(), 1.0).pow(gamma)
    return _detached(factor, setting("detach", detach, log_p_y, log_p_y.dtype, low=0.0, high=1.0)) * -log_p_y


def _detached(factor: Tensor, share: Hyper) -> Tensor:
    """The factor, bit for bit, with that share of its gradient left out."""
    if not isinstance(share, Tensor) and share == 0:
        return factor
    return factor - share * (factor - factor.detach())
