"""The drop-ins for Keras's two cross-entropies, called as loss(y_true, y_pred)."""

from abc import ABC, abstractmethod
from numbers import Integral

import torch.nn.functional as F
from torch import Tensor, nn

from lsbench.errors import DtypeError, InputError, require_choice
from lsbench.losses.arithmetic import upcast
from lsbench.losses.checks import broadcasts, check_floating, check_logits, check_same_shape, check_unit_eps, shape_of
from lsbench.losses.keras import binary_cross_entropy
from lsbench.losses.reduction import reduce
from lsbench.losses.targets import smooth, target_cross_entropy

TINY = 1e-7  # keras.config.epsilon(): how close to 0 and 1 a probability may come before its logarithm is taken
KERAS_REDUCTIONS = ("sum_over_batch_size", "mean", "sum", "none")


class _KerasLoss(nn.Module, ABC):
    """What both have in common; a subclass gives the loss of each sample, and its name."""

    default_name: str

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
    ) -> None:
        super().__init__()
        check_unit_eps("label_smoothing", label_smoothing)
        reduction = "none" if reduction is None else reduction
        require_choice("reduction", reduction, KERAS_REDUCTIONS)
        if isinstance(axis, bool) or not isinstance(axis, Integral):
            raise DtypeError(f"axis must be an int, got {axis!r}")
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis
        self.reduction, self.name = reduction, name or self.default_name

    def forward(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None) -> Tensor:
        """The loss of a batch; the mean divides by the number of samples, weighted or not."""
        _check_arguments(y_true, y_pred, self.axis)
        pred = upcast(y_pred)
        losses = self.per_sample(y_true.to(pred.dtype), pred)
        if sample_weight is not None:
            losses = _weighted(losses, sample_weight)
        return reduce(losses, self.reduction if self.reduction in ("sum", "none") else "mean")

    @abstractmethod
    def per_sample(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """The losses, without the class axis."""

    def extra_repr(self) -> str:
        """The arguments, for print."""
        return (
            f"from_logits={self.from_logits}, label_smoothing={self.label_smoothing}, axis={self.axis}, "
            f"reduction={self.reduction!r}"
        )


class CategoricalCrossentropy(_KerasLoss):
    """Cross-entropy of target distributions, in the place of `keras.losses.CategoricalCrossentropy`.

    -sum_c q_c log p_c with q = (1 - label_smoothing) y_true + label_smoothing / K, K being counted on `axis`

    y_true of any real dtype and y_pred of any float dtype, one shape, classes on `axis`; from probabilities y_pred is
    divided by its sum along the axis and clipped to [1e-7, 1 - 1e-7]. reduction: sum_over_batch_size or mean, sum,
    none or None. Computed in float32 (float64 for float64); what does not fit is an `InputError` or `DtypeError`.
    Other than Keras up to 3.15, which counts K on the last axis whatever `axis` is. (Chollet et al., 2015)
    """

    default_name = "categorical_crossentropy"

    def per_sample(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """-sum_c q_c log p_c along the axis."""
        q = smooth(y_true, self.label_smoothing, y_pred.shape[self.axis])
        if self.from_logits:
            log_p = F.log_softmax(y_pred, dim=self.axis)
        else:
            log_p = _clipped(y_pred / y_pred.sum(self.axis, keepdim=True)).log()
        return target_cross_entropy(q, log_p, self.label_smoothing, self.axis)


class BinaryCrossentropy(_KerasLoss):
    """Mean of independent two-class cross-entropies, in the place of `keras.losses.BinaryCrossentropy`.

    mean over `axis` of -t log p - (1 - t) log(1 - p) with t = (1 - label_smoothing) y_true + label_smoothing / 2

    y_true of any real dtype and y_pred of any float dtype, one shape; probabilities are clipped to [1e-7, 1 - 1e-7].
    reduction: sum_over_batch_size or mean, sum, none or None. Computed in float32 (float64 for float64); what does
    not fit is an `InputError` or `DtypeError`. (Chollet et al., 2015)
    """

    default_name = "binary_crossentropy"

    def per_sample(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """The mean along the axis."""
        t = smooth(y_true, self.label_smoothing, num_classes=2)
        if self.from_logits:
            return binary_cross_entropy(t, F.logsigmoid(y_pred), F.logsigmoid(-y_pred)).mean(self.axis)
        p = _clipped(y_pred)
        return binary_cross_entropy(t, p.log(), (1 - p).log()).mean(self.axis)


def _clipped(p: Tensor) -> Tensor:
    return p.clamp(TINY, 1 - TINY)


def _check_arguments(y_true: Tensor, y_pred: Tensor, axis: int) -> None:
    check_floating("y_pred", y_pred)
    ndim = max(y_pred.ndim, 1)
    if not -ndim <= axis < ndim:
        raise InputError(f"axis must lie in [{-ndim}, {ndim - 1}] for y_pred of shape {shape_of(y_pred)}, got {axis}")
    check_logits(y_pred, axis, name="y_pred")
    if not isinstance(y_true, Tensor) or y_true.is_complex():
        got = y_true.dtype if isinstance(y_true, Tensor) else type(y_true).__name__
        raise DtypeError(f"y_true must be a torch.Tensor of real numbers, got {got}")
    check_same_shape("y_true and y_pred", y_true, y_pred)


def _weighted(losses: Tensor, sample_weight: Tensor) -> Tensor:
    if not isinstance(sample_weight, Tensor):
        raise DtypeError(f"sample_weight must be a torch.Tensor, got {type(sample_weight).__name__}")
    if not broadcasts(sample_weight.shape, losses.shape):
        raise InputError(
            f"sample_weight of shape {shape_of(sample_weight)} must broadcast with losses of shape {shape_of(losses)}"
        )
    return losses * sample_weight.to(losses.dtype)
