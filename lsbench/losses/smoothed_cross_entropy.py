"""The drop-in for `torch.nn.CrossEntropyLoss`."""

from numbers import Integral

import torch.nn.functional as F
from torch import Tensor, nn

from lsbench.errors import DtypeError, InputError, require_choice, require_number
from lsbench.losses.arithmetic import scaled, upcast
from lsbench.losses.checks import (
    check_class_weights,
    check_classes,
    check_labels,
    check_logits,
    check_same_shape,
    readable,
)
from lsbench.losses.fused import weighted_fused
from lsbench.losses.reduction import REDUCTIONS, mean_over, reduce
from lsbench.losses.targets import smooth, target_cross_entropy


class SmoothedCrossEntropy(nn.Module):
    """Cross-entropy with label smoothing, in the place of `torch.nn.CrossEntropyLoss`.

    row = (1 - eps) w_y (-log p_y) + (eps/K) sum_c w_c (-log p_c); the mean divides by sum_rows w_y

    input (K), (N, K) or (N, K, d1, ...) of any float dtype. target: class numbers (), (N) or (N, d1, ...), or
    distributions in the input's shape, which are smoothed alike, know no ignore_index, and whose mean divides by the
    number of rows. The loss is float32 (float64 for float64), the gradient has the input's dtype.

    Other than torch: eps may be negative (at most 1); half precision is computed in float32; NaN in an ignored row
    stays there; the mean over no rows is 0, with a `NothingToAverageWarning` on a CPU. Class numbers out of range are
    an `InputError`, on a CPU. (Szegedy et al., 2016; Wei et al., 2022)
    """

    weight: Tensor | None

    def __init__(
        self, eps: float = 0.1, weight: Tensor | None = None, ignore_index: int = -100, reduction: str = "mean"
    ) -> None:
        super().__init__()
        require_number("eps", eps, high=1.0)
        require_choice("reduction", reduction, REDUCTIONS)
        check_class_weights(weight)
        if isinstance(ignore_index, bool) or not isinstance(ignore_index, Integral):
            raise DtypeError(f"ignore_index must be an int, got {ignore_index!r}")
        self.eps, self.ignore_index, self.reduction = float(eps), ignore_index, reduction
        self.register_buffer("weight", None if weight is None else weight.detach().clone())

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002  torch's keyword
        """The loss of a batch."""
        axis = 0 if isinstance(input, Tensor) and input.ndim == 1 else 1
        check_logits(input, axis, name="input")
        self._check_weight(input.shape[axis])
        logits = input.movedim(axis, -1)
        if isinstance(target, Tensor) and target.is_floating_point():
            check_same_shape("input and target distributions", input, target)
            return self._of_distributions(logits, target.movedim(axis, -1))
        check_labels(input, target, axis)
        check_classes(target, input.shape[axis], self.ignore_index)
        return self._of_labels(logits, target.long())

    def _of_labels(self, logits: Tensor, labels: Tensor) -> Tensor:
        ignored = labels == self.ignore_index
        if not readable(ignored) or ignored.any():
            logits = logits.masked_fill(ignored.unsqueeze(-1), 0.0)  # a NaN times a zero gradient would be NaN
            labels = labels.masked_fill(ignored, 0)
        losses = weighted_fused(logits, labels, self.eps, self.weight).masked_fill(ignored, 0.0)
        if self.reduction != "mean":
            return reduce(losses, self.reduction)
        mass = (~ignored).to(losses.dtype)
        if self.weight is not None:
            mass = mass * self.weight.to(losses.dtype)[labels]
        return mean_over(losses, mass.sum())

    def _of_distributions(self, logits: Tensor, targets: Tensor) -> Tensor:
        log_p = F.log_softmax(upcast(logits), dim=-1)
        if self.weight is not None:
            log_p = scaled(self.weight.to(log_p.dtype), log_p)
        q = smooth(targets.to(log_p.dtype), self.eps, log_p.shape[-1])
        return reduce(target_cross_entropy(q, log_p, self.eps), self.reduction)

    def _check_weight(self, num_classes: int) -> None:
        if self.weight is not None and len(self.weight) != num_classes:
            raise InputError(f"weight has {len(self.weight)} entries, but input has {num_classes} classes")

    def extra_repr(self) -> str:
        """The arguments, for print."""
        return f"eps={self.eps}, ignore_index={self.ignore_index}, reduction={self.reduction!r}"
