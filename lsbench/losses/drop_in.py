"""Label smoothing under the names and argument orders of three well-known code bases."""

from numbers import Integral

from torch import Tensor, nn

from lsbench.errors import DtypeError, InputError, require_choice, shown
from lsbench.losses.arithmetic import scaled
from lsbench.losses.checks import (
    check_class_weights,
    check_classes,
    check_labels,
    check_logits,
    check_matrix,
    check_unit_eps,
    check_weight_size,
    one_of,
)
from lsbench.losses.reduction import REDUCTIONS, reduce, reduce_weighted
from lsbench.losses.smoothing import linear, lsr, reid


class LSR(nn.Module):
    """Label-smoothing regularisation, in the place of the tutorial's `LSR`.

    -sum_c q_c log p_c with q = (1 - e) onehot + e/K

    Args:
        e: the smoothing mass, in [0, 1].
        reduction: none, mean or sum.

    Called with x (n, K) of any float dtype and target (n) class numbers; returns () or (n), float32 (float64 for
    float64).

    Raises:
        InputError: shapes, class numbers, e or reduction are not as above.
        DtypeError: a dtype is not as above.

    (Szegedy et al., 2016)

    Example:
        >>> import torch
        >>> LSR(e=0.1)(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]))
        tensor(2.1365)
    """

    e: float
    reduction: str

    def __init__(self, e: float = 0.01, reduction: str = "mean") -> None:
        super().__init__()
        check_unit_eps("e", e)
        require_choice("reduction", reduction, REDUCTIONS)
        self.e, self.reduction = e, reduction

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        """The loss of a batch."""
        check_matrix(x, target)
        check_classes(target, x.shape[-1])
        return reduce(lsr(x, target, eps=self.e), self.reduction)

    def extra_repr(self) -> str:
        """The arguments, for print."""
        return f"e={self.e}, reduction={self.reduction!r}"


class LabelSmoothingCrossEntropy(nn.Module):
    """The linear combination, in the place of fastai's `LabelSmoothingCrossEntropy`.

    eps * mean_c(-log p_c) + (1 - eps) * w_y (-log p_y), where class weights w leave the first part as it is; the
    reduction mean divides the first part by the number of rows and the second by sum_rows w_y

    A mean over rows whose class weights are all 0 has 0 as its second part.

    Args:
        eps: the smoothing mass, in [0, 1]; 0.1 where neither it nor epsilon is given.
        weight: (K) class weights, finite and not negative.
        reduction: none, mean or sum.
        epsilon: another name of eps.

    Called with output (K), (N, K) or (N, K, d1, ...) of any float dtype and target (), (N) or (N, d1, ...) class
    numbers; returns a loss of float32 (float64 for float64).

    Raises:
        InputError: shapes, class numbers (-100 too) or arguments are not as above.
        DtypeError: a dtype is not as above.

    (Howard and Gugger, 2020)

    Example:
        >>> import torch
        >>> LabelSmoothingCrossEntropy(eps=0.1)(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]))
        tensor(2.1365)
    """

    y_int: bool = True  # for fastai's Learner: the targets are class numbers
    eps: float
    reduction: str
    weight: Tensor | None

    def __init__(
        self,
        eps: float | None = None,
        weight: Tensor | None = None,
        reduction: str = "mean",
        *,
        epsilon: float | None = None,
    ) -> None:
        super().__init__()
        self.eps = one_of(eps, "epsilon", epsilon, 0.1)
        check_unit_eps("eps", self.eps)
        check_class_weights(weight)
        require_choice("reduction", reduction, REDUCTIONS)
        self.reduction = reduction
        self.register_buffer("weight", None if weight is None else weight.detach().clone())

    @property
    def epsilon(self) -> float:
        """Another name of eps."""
        return self.eps

    def forward(self, output: Tensor, target: Tensor) -> Tensor:
        """The loss of a batch."""
        axis = 0 if isinstance(output, Tensor) and output.ndim == 1 else 1
        check_logits(output, axis)
        check_labels(output, target, axis)
        check_classes(target, output.shape[axis])
        check_weight_size(self.weight, output.shape[axis])
        logits = output.movedim(axis, -1)
        if self.weight is None:
            return reduce(linear(logits, target, eps=self.eps), self.reduction)
        even, own = (linear(logits, target, eps=eps) for eps in (1.0, 0.0))
        weights = self.weight.to(own.dtype)[target.long()]
        return scaled(self.eps, reduce(even, self.reduction)) + scaled(
            1 - self.eps, reduce_weighted(own, weights, self.reduction)
        )

    def activation(self, out: Tensor) -> Tensor:
        """The probabilities, which fastai's Learner asks for."""
        return out.softmax(-1)

    def decodes(self, out: Tensor) -> Tensor:
        """The predicted classes, likewise."""
        return out.argmax(-1)

    def extra_repr(self) -> str:
        """The arguments, for print."""
        return f"eps={self.eps}, reduction={self.reduction!r}"


class CrossEntropyLoss(nn.Module):
    """The mean over the batch, in the place of torchreid's `CrossEntropyLoss`.

    mean_i of -sum_c q_c log p_c with q = (1 - eps) onehot + eps/K; eps is 0 if label_smooth is False

    Args:
        num_classes: K, at least 1.
        eps: the smoothing mass, in [0, 1].
        use_gpu: not looked at: the loss is computed where the inputs are.
        label_smooth: False takes 0 for eps.

    Called with inputs (n, num_classes) of any float dtype and targets (n) class numbers; returns (), float32 (float64
    for float64).

    Raises:
        InputError: shapes, class numbers or arguments are not as above, or the inputs have other than num_classes.
        DtypeError: a dtype is not as above.

    (Zhou and Xiang, 2019)

    Example:
        >>> import torch
        >>> CrossEntropyLoss(num_classes=3)(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]))
        tensor(2.1365)
    """

    num_classes: int
    use_gpu: bool
    eps: float

    def __init__(self, num_classes: int, eps: float = 0.1, use_gpu: bool = True, label_smooth: bool = True) -> None:
        super().__init__()
        if isinstance(num_classes, bool) or not isinstance(num_classes, Integral):
            raise DtypeError(f"num_classes must be an int, got {shown(num_classes)}")
        if num_classes < 1:
            raise InputError(f"num_classes must be at least 1, got {shown(num_classes)}")
        check_unit_eps("eps", eps)
        self.num_classes, self.use_gpu = num_classes, use_gpu
        self.eps = eps if label_smooth else 0.0

    def forward(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """The loss of a batch."""
        check_matrix(inputs, targets)
        if inputs.shape[-1] != self.num_classes:
            raise InputError(f"num_classes is {self.num_classes}, but the logits have {inputs.shape[-1]} classes")
        check_classes(targets, self.num_classes)
        return reduce(reid(inputs, targets, eps=self.eps), "mean")

    def extra_repr(self) -> str:
        """The arguments, for print."""
        return f"num_classes={self.num_classes}, eps={self.eps}"
