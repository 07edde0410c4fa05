"""Early-learning regularisation: what the model believed of an example early on is held against its label."""

import torch
from torch import Tensor, nn

from lsbench.errors import InputError
from lsbench.losses.arithmetic import Hyper, column, scaled, setting
from lsbench.losses.checks import shape_of
from lsbench.losses.probability import LogProbs, log_probs

CLAMP = 1e-4  # of probs, from 0 and 1: as in the published code, which the paper does not mention


def elr(
    logits: Tensor, labels: Tensor, *, lam: Hyper = 3.0, beta: Hyper = 0.7, targets: Tensor | None = None
) -> Tensor:
    """Early-learning regularisation, given what is remembered of each example.

    -log p_y + lam * log(1 - sum_c p_c t_c); None for the targets t is 0, which is cross-entropy

    p is clamped to [1e-4, 1 - 1e-4] beside the targets.

    Args:
        logits: (..., n, K) of any float dtype.
        labels: (..., n) class numbers of any integer dtype.
        lam: the weight of the regularisation, at least 0; a float, or a tensor that broadcasts with the labels.
        beta: with which `EarlyLearning` updates the targets, in [0, 1], likewise; it plays no part here. The defaults
            are those of the paper for CIFAR-10.
        targets: t, (..., n, K), constants of at least 0 whose rows sum to at most 1; None is 0.

    Returns:
        (..., n) losses, float32 unless the logits are float64.

    Raises:
        InputError: the shapes do not fit, or lam or beta is out of range.
        DtypeError: a dtype does not fit.

    (Liu et al., 2020)

    Example:
        >>> import torch
        >>> elr(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]), targets=torch.tensor([[0.7, 0.2, 0.1]]))
        tensor([-0.7148])
    """
    return elr_of_log_probs(log_probs(logits, labels), lam=lam, beta=beta, targets=targets)


def elr_of_log_probs(given: LogProbs, *, lam: Hyper, beta: Hyper, targets: Tensor | None = None) -> Tensor:
    """`elr` of log-probs."""
    log_p, log_p_y, _ = given
    lam = setting("lam", lam, log_p_y, log_p.dtype, low=0.0)
    setting("beta", beta, log_p_y, log_p.dtype, low=0.0, high=1.0)
    if targets is None:
        return -log_p_y
    if targets.shape != log_p.shape:
        raise InputError(f"targets must have the logits' shape {shape_of(log_p)}, got {shape_of(targets)}")
    agreement = (clamped(log_p.exp()) * targets.detach().to(log_p.dtype)).sum(-1)
    return scaled(lam, torch.log1p(-agreement)) - log_p_y


def clamped(p: Tensor) -> Tensor:
    """The probs, each in [1e-4, 1 - 1e-4], so that the logarithm stays finite; not renormalised."""
    return p.clamp(CLAMP, 1 - CLAMP)


class EarlyLearning(nn.Module):
    """`elr` with its memory: a moving average of each example's predictions, in the buffer `targets`.

    t <- beta * t + (1 - beta) * p, from t = 0, with p clamped to [1e-4, 1 - 1e-4] and renormalised as in the published
    code; then the loss with the new t

    targets (cells, examples, K) float32. Every call with an example updates its target, so each is to be seen once an
    epoch, in training only; an example that a batch holds twice is updated once. (Liu et al., 2020)
    """

    targets: Tensor

    def __init__(self, cells: int, examples: int, num_classes: int) -> None:
        super().__init__()
        self.register_buffer("targets", torch.zeros(cells, examples, num_classes))

    def forward(self, logits: Tensor, labels: Tensor, index: Tensor, *, lam: Hyper = 3.0, beta: Hyper = 0.7) -> Tensor:
        """The losses (cells, n) of logits (cells, n, K), labels (cells, n), and example numbers (cells, n) int64."""
        return self.of_log_probs(log_probs(logits, labels), index, lam=lam, beta=beta)

    def of_log_probs(self, given: LogProbs, index: Tensor, *, lam: Hyper, beta: Hyper) -> Tensor:
        """As `forward`, of log-probs."""
        if index.shape != given.log_p_y.shape:
            raise InputError(f"index must have the labels' shape {shape_of(given.log_p_y)}, got {shape_of(index)}")
        return elr_of_log_probs(given, lam=lam, beta=beta, targets=self._remember(given.log_p.detach(), index, beta))

    def _remember(self, log_p: Tensor, index: Tensor, beta: Hyper) -> Tensor:
        """The new targets (cells, n, K) of these examples, which are stored."""
        beta = column(setting("beta", beta, index, log_p.dtype, low=0.0, high=1.0))
        p = clamped(log_p.exp())
        place = index.unsqueeze(-1).expand(log_p.shape)
        new = beta * self.targets.gather(1, place) + (1 - beta) * p / p.sum(-1, keepdim=True)
        self.targets.scatter_(1, place, new.to(self.targets.dtype))
        return new
