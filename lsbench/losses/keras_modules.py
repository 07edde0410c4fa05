"""The drop-ins for Keras's two cross-entropies, called as loss(y_true, y_pred)."""

from abc import ABC, abstractmethod
from numbers import Integral
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lsbench.errors import DtypeError, InputError, require_choice, shown
from lsbench.losses.arithmetic import upcast
from lsbench.losses.checks import check_floating, check_logits, check_same_shape, check_unit_eps, shape_of
from lsbench.losses.keras import binary_cross_entropy
from lsbench.losses.keras_arguments import keras_dtype, same_rank, sample_weights
from lsbench.losses.reduction import reduce, reduce_weighted
from lsbench.losses.targets import smooth, target_cross_entropy

TINY = 1e-7  # keras.config.epsilon(): how close to 0 and 1 a probability may come before its logarithm is taken
WEIGHTED = "mean_with_sample_weight"
KERAS_REDUCTIONS = ("sum_over_batch_size", "mean", WEIGHTED, "sum", "none")


class _KerasLoss(nn.Module, ABC):
    """What both have in common; a subclass gives the loss of each sample."""

    from_logits: bool
    label_smoothing: float
    axis: int
    reduction: str
    name: str
    dtype: torch.dtype | None

    def __init__(
        self, from_logits: bool, label_smoothing: float, axis: int, reduction: str | None, name: str | None, dtype: Any
    ) -> None:
        super().__init__()
        check_unit_eps("label_smoothing", label_smoothing)
        reduction = "none" if reduction is None else reduction
        require_choice("reduction", reduction, KERAS_REDUCTIONS)
        if isinstance(axis, bool) or not isinstance(axis, Integral):
            raise DtypeError(f"axis must be an int, got {shown(axis)}")
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis
        self.reduction, self.name, self.dtype = reduction, name or type(self).__name__, keras_dtype(dtype)

    def forward(self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None) -> Tensor:
        """The loss of a batch; the mean divides by the number of samples, weighted or not, unless it says otherwise.

        sample_weight: a tensor, an array or a list that broadcasts with the losses, or has an axis of size 1 more.
        """
        check_floating("y_pred", y_pred)
        y_true, y_pred = same_rank(_targets(y_true), y_pred)
        _check_arguments(y_true, y_pred, self.axis)
        pred = upcast(y_pred if self.dtype is None else y_pred.to(self.dtype))
        losses = self.per_sample(y_true.to(pred.dtype), pred)
        loss = self._reduced(losses, None if sample_weight is None else sample_weights(sample_weight, losses))
        return loss if self.dtype is None else loss.to(self.dtype)

    def _reduced(self, losses: Tensor, weights: Tensor | None) -> Tensor:
        reduction = self.reduction if self.reduction in ("sum", "none") else "mean"
        if weights is None:
            return reduce(losses, reduction)
        losses, weights = same_rank(losses, weights)
        if self.reduction == WEIGHTED:
            return reduce_weighted(losses, weights.expand_as(losses), reduction)
        return reduce(losses * weights, reduction)

    @abstractmethod
    def per_sample(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """The losses, without the class axis."""

    def extra_repr(self) -> str:
        """The arguments, for print."""
        return (
            f"from_logits={self.from_logits}, label_smoothing={self.label_smoothing}, axis={self.axis}, "
            f"reduction={self.reduction!r}, dtype={self.dtype}"
        )


class CategoricalCrossentropy(_KerasLoss):
    """Cross-entropy of target distributions, in the place of `keras.losses.CategoricalCrossentropy`.

    -sum_c q_c log p_c with q = (1 - label_smoothing) y_true + label_smoothing / K, K being counted on `axis`

    Other than Keras: y_pred keeps its dtype if none is given; and Keras up to 3.15 counts K on the last axis whatever
    `axis` is.

    Args:
        from_logits: whether y_pred is logits; from probabilities y_pred is divided by its sum along the axis and
            clipped to [1e-7, 1 - 1e-7].
        label_smoothing: the smoothing mass over all classes, in [0, 1].
        axis: that of the classes.
        reduction: sum_over_batch_size or mean, sum, none or None, or mean_with_sample_weight, which divides by the sum
            of the weights.
        name: kept as it is.
        dtype: what y_pred is cast to; the loss is computed in float32 (float64 for float64) either way.

    Called with y_true of any real dtype and y_pred of any float dtype, of one shape; returns () or a loss per sample.

    Raises:
        InputError: shapes or arguments are not as above.
        DtypeError: a dtype is not as above.

    (Chollet et al., 2015)

    Example:
        >>> import torch
        >>> y_true = torch.tensor([[0.0, 1.0, 0.0]])
        >>> CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)(y_true, torch.tensor([[2.0, 0.0, -1.0]]))
        tensor(2.1365)
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(from_logits, label_smoothing, axis, reduction, name, dtype)

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

    Other than Keras: y_pred keeps its dtype if none is given.

    Args:
        from_logits: whether y_pred is logits; probabilities are clipped to [1e-7, 1 - 1e-7].
        label_smoothing: the smoothing mass over yes and no, in [0, 1].
        axis: that of the classes, over which the mean is taken.
        reduction: as of `CategoricalCrossentropy`.
        name: kept as it is.
        dtype: what y_pred is cast to; the loss is computed in float32 (float64 for float64) either way.

    Called with y_true of any real dtype and y_pred of any float dtype, of one shape; returns () or a loss per sample.

    Raises:
        InputError: shapes or arguments are not as above.
        DtypeError: a dtype is not as above.

    (Chollet et al., 2015)

    Example:
        >>> import torch
        >>> y_true = torch.tensor([[0.0, 1.0, 0.0]])
        >>> BinaryCrossentropy(from_logits=True)(y_true, torch.tensor([[2.0, 0.0, -1.0]]))
        tensor(1.0444)
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(from_logits, label_smoothing, axis, reduction, name, dtype)

    def per_sample(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """The mean along the axis."""
        t = smooth(y_true, self.label_smoothing, num_classes=2)
        if self.from_logits:
            return binary_cross_entropy(t, F.logsigmoid(y_pred), F.logsigmoid(-y_pred)).mean(self.axis)
        p = _clipped(y_pred)
        return binary_cross_entropy(t, p.log(), (1 - p).log()).mean(self.axis)


def _clipped(p: Tensor) -> Tensor:
    return p.clamp(TINY, 1 - TINY)


def _targets(y_true: Tensor) -> Tensor:
    if not isinstance(y_true, Tensor) or y_true.is_complex():
        got = y_true.dtype if isinstance(y_true, Tensor) else type(y_true).__name__
        raise DtypeError(f"y_true must be a torch.Tensor of real numbers, got {got}")
    return y_true


def _check_arguments(y_true: Tensor, y_pred: Tensor, axis: int) -> None:
    ndim = max(y_pred.ndim, 1)
    if not -ndim <= axis < ndim:
        raise InputError(
            f"axis must lie in [{-ndim}, {ndim - 1}] for y_pred of shape {shape_of(y_pred)}, got {shown(axis)}"
        )
    check_logits(y_pred, axis, name="y_pred")
    check_same_shape("y_true and y_pred", y_true, y_pred)
