"""The drop-in for `torch.nn.CrossEntropyLoss`."""

from numbers import Integral

import torch
from torch import Tensor, nn

from lsbench.errors import DtypeError, require_choice, require_number, shown
from lsbench.kernels import smoothed_cross_entropy
from lsbench.losses.checks import (
    check_class_weights,
    check_classes,
    check_labels,
    check_logits,
    check_same_shape,
    check_weight_size,
    one_of,
    readable,
)
from lsbench.losses.reduction import REDUCTIONS, warn_of_nothing


class SmoothedCrossEntropy(nn.Module):
    """Cross-entropy with label smoothing, in the place of `torch.nn.CrossEntropyLoss`.

    row = (1 - eps) w_y (-log p_y) + (eps/K) sum_c w_c (-log p_c); the mean divides by sum_rows w_y

    Other than torch: eps may be negative (at most 1); half precision is computed in float32; NaN in an ignored row
    stays there; the mean over no rows is 0, with a `NothingToAverageWarning` on a CPU.

    Args:
        eps: the smoothing mass over all classes, finite and at most 1; 0.1 where neither it nor label_smoothing is
            given.
        weight: (K) class weights, finite and not negative.
        ignore_index: the class number of rows that do not count.
        reduction: none, mean or sum.
        label_smoothing: torch's name of eps.

    Called with input (K), (N, K) or (N, K, d1, ...) of any float dtype, and target: class numbers (), (N) or
    (N, d1, ...), or distributions in the input's shape, which are smoothed alike, know no ignore_index, and whose mean
    divides by the number of rows. Returns a loss of float32 (float64 for float64); the gradient has the input's dtype.

    Raises:
        InputError: shapes or arguments are not as above; on a CPU, class numbers out of range.
        DtypeError: a dtype is not as above.

    (Szegedy et al., 2016; Wei et al., 2022)

    Example:
        >>> import torch
        >>> SmoothedCrossEntropy(eps=0.1)(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]))
        tensor(2.1365)
    """

    weight: Tensor | None
    eps: float
    ignore_index: int
    reduction: str

    def __init__(
        self,
        eps: float | None = None,
        weight: Tensor | None = None,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float | None = None,
    ) -> None:
        super().__init__()
        if isinstance(eps, Tensor) and eps.ndim:  # as in torch, whose first argument is the weight
            raise DtypeError(f"eps must be a number, got {shown(eps)}; class weights are weight=...")
        eps = one_of(eps, "label_smoothing", label_smoothing, 0.1)
        require_number("eps", eps, high=1.0)
        require_choice("reduction", reduction, REDUCTIONS)
        check_class_weights(weight)
        if isinstance(ignore_index, bool) or not isinstance(ignore_index, Integral):
            raise DtypeError(f"ignore_index must be an int, got {shown(ignore_index)}")
        self.eps, self.ignore_index, self.reduction = float(eps), ignore_index, reduction
        self.register_buffer("weight", None if weight is None else weight.detach().clone())

    @property
    def label_smoothing(self) -> float:
        """Torch's name of eps."""
        return self.eps

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002  torch's keyword
        """The loss of a batch."""
        axis = 0 if isinstance(input, Tensor) and input.ndim == 1 else 1
        check_logits(input, axis, name="input")
        check_weight_size(self.weight, input.shape[axis])
        logits = input.movedim(axis, -1)
        if isinstance(target, Tensor) and target.is_floating_point():
            check_same_shape("input and target distributions", input, target)
            targets = target.movedim(axis, -1)
            loss = smoothed_cross_entropy(
                logits, targets=targets, eps=self.eps, weight=self.weight, reduction=self.reduction
            )
            return self._told(loss, torch.ones(targets.shape[:-1]))
        check_labels(input, target, axis)
        check_classes(target, input.shape[axis], self.ignore_index)
        loss = smoothed_cross_entropy(
            logits,
            target,
            eps=self.eps,
            weight=self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
        )
        return self._told(loss, target)

    def _told(self, loss: Tensor, target: Tensor) -> Tensor:
        """The loss, with a warning where it is a mean over nothing: of these only a 0 can be one."""
        if self.reduction == "mean" and readable(loss) and loss == 0:
            kept = target[target != self.ignore_index]
            if not kept.numel() or not (kept.is_floating_point() or self.weight is None or self.weight[kept].any()):
                warn_of_nothing("every row is ignored or has a class weight of 0, or the batch is empty")
        return loss

    def extra_repr(self) -> str:
        """The arguments, for print."""
        return f"eps={self.eps}, ignore_index={self.ignore_index}, reduction={self.reduction!r}"
