"""Logit adjustment in the place of `torch.nn.CrossEntropyLoss`."""

import torch
from torch import Tensor, nn

from lsbench.errors import InputError, require_choice, require_number
from lsbench.losses.checks import check_classes, check_labels, check_logits
from lsbench.losses.logit_adjustment import logit_adjust
from lsbench.losses.reduction import REDUCTIONS, reduce


class LogitAdjustedCrossEntropy(nn.Module):
    """Logit-adjusted cross-entropy, in the place of `torch.nn.CrossEntropyLoss`, for unbalanced classes.

    row = -log softmax(z + tau log prior)_y in training; the model is used by its plain logits z

    Args:
        counts: how many training examples each of the K classes has, or their shares; not negative, some above 0. A
            class without examples is treated as the most frequent one is.
        tau: how far the logits are adjusted, at least 0; 0 is plain cross-entropy.
        reduction: none, mean or sum.

    Called with input (K), (N, K) or (N, K, d1, ...) of any float dtype and target (), (N) or (N, d1, ...) class
    numbers; returns a loss of float32 (float64 for float64).

    Raises:
        InputError: shapes, class numbers (-100 too) or arguments are not as above.
        DtypeError: a dtype is not as above.

    (Menon et al., 2021)

    Example:
        >>> import torch
        >>> labels = torch.tensor([0, 0, 0, 0, 0, 0, 0, 0, 1, 2])
        >>> criterion = LogitAdjustedCrossEntropy(labels.bincount(minlength=3))
        >>> criterion(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]))
        tensor(4.1023)
    """

    prior: Tensor
    tau: float
    reduction: str

    def __init__(self, counts: Tensor, tau: float = 1.0, reduction: str = "mean") -> None:
        super().__init__()
        require_number("tau", tau, 0.0)
        require_choice("reduction", reduction, REDUCTIONS)
        numbers = torch.as_tensor(counts).detach().double()
        is_right = numbers.ndim == 1 and bool((numbers >= 0).all() and numbers.isfinite().all() and numbers.sum() > 0)
        if not is_right:
            raise InputError(
                "counts must hold the number of training examples of each class, one finite number of at least 0 per "
                f"class and some above 0; got {counts!r}"
            )
        self.tau, self.reduction = float(tau), reduction
        self.register_buffer("prior", (numbers / numbers.sum()).float())

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002  torch's keyword
        """The loss of a batch."""
        axis = 0 if isinstance(input, Tensor) and input.ndim == 1 else 1
        check_logits(input, axis, name="input")
        check_labels(input, target, axis)
        check_classes(target, input.shape[axis])
        return reduce(logit_adjust(input.movedim(axis, -1), target, tau=self.tau, prior=self.prior), self.reduction)

    def extra_repr(self) -> str:
        """The arguments, for print."""
        return f"classes={len(self.prior)}, tau={self.tau}, reduction={self.reduction!r}"
