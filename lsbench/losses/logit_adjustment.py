"""Logit adjustment: rare classes must win by a larger margin, so that no class is favoured for being frequent."""

from torch import Tensor

from lsbench.errors import InputError
from lsbench.losses.arithmetic import Hyper, column, examples, log_softmax, setting
from lsbench.losses.checks import broadcasts, check_floating, readable, shape_of


def logit_adjust(logits: Tensor, labels: Tensor, *, tau: Hyper = 1.0, prior: Tensor | None = None) -> Tensor:
    """Logit-adjusted cross-entropy: the log of the classes' frequencies is added to the logits in training only.

    -log softmax(z + tau log prior)_y; None for the prior is equal frequencies, which is cross-entropy

    The plain logits z then estimate log P(x | y), up to a constant, with tau 1: their largest one is the answer of the
    best balanced accuracy. Their softmax gives the probs of a world in which all classes are equally frequent.

    A class without examples, whose log frequency would be -inf, is treated as the most frequent one is.

    Args:
        logits: (..., n, K) of any float dtype.
        labels: (..., n) class numbers of any integer dtype.
        tau: how far the logits are adjusted, at least 0; a float, or a tensor that broadcasts with the labels.
        prior: how frequent the classes are among the training labels, in shares or counts: (K,), or (..., 1, K) that
            broadcasts with the logits. Not negative, some above 0.

    Returns:
        (..., n) losses in nats, float32 unless the logits are float64.

    Raises:
        InputError: the shapes do not fit, tau is out of range, or the prior is negative or 0 for all classes.
        DtypeError: a dtype does not fit.

    (Menon et al., 2021)

    Example:
        >>> import torch
        >>> logit_adjust(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]), prior=torch.tensor([0.8, 0.1, 0.1]))
        tensor([4.1023])
    """
    z, index = examples(logits, labels)
    tau = setting("tau", tau, labels, z.dtype, low=0.0)
    if prior is not None:
        z = z + column(tau) * _relative_log(_checked(prior, z).to(z.dtype))
    return -log_softmax(z).gather(-1, index).squeeze(-1)


def _relative_log(prior: Tensor) -> Tensor:
    """log(prior / its largest), which gives the same loss as log(prior); exactly 0 where all classes are alike."""
    relative = (prior / prior.amax(-1, keepdim=True)).log()
    return relative.masked_fill(relative.isneginf(), 0.0)


def _checked(prior: Tensor, logits: Tensor) -> Tensor:
    check_floating("prior", prior)
    if prior.ndim == 0 or prior.shape[-1] != logits.shape[-1] or not broadcasts(prior.shape, logits.shape):
        raise InputError(
            f"prior must have a number for each of {logits.shape[-1]} classes, and broadcast with logits of shape "
            f"{shape_of(logits)}; got {shape_of(prior)}"
        )
    if readable(prior) and not bool((prior >= 0).all() and prior.isfinite().all() and (prior > 0).any(-1).all()):
        raise InputError("prior must hold how frequent each class is: finite, at least 0, and some above 0")
    return prior
