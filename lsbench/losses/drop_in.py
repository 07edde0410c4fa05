"""Label smoothing under the names and argument orders of three well-known code bases."""

from numbers import Integral

from torch import Tensor, nn

from lsbench.errors import DtypeError, InputError, require_choice
from lsbench.losses.checks import check_classes, check_labels, check_logits, check_matrix, check_unit_eps
from lsbench.losses.reduction import REDUCTIONS, reduce
from lsbench.losses.smoothing import linear, lsr, reid


class LSR(nn.Module):
    """Label-smoothing regularisation, in the place of the tutorial's `LSR`.

    -sum_c q_c log p_c with q = (1 - e) onehot + e/K

    x (n, K) of any float dtype, target (n) class numbers; e in [0, 1]; reduction none, mean or sum. The loss is float32
    (float64 for float64). Anything else is an `InputError` or `DtypeError` that says what was got.
    (Szegedy et al., 2016)
    """

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

    epsilon * mean_c(-log p_c) + (1 - epsilon) * (-log p_y)

    output (..., K) of any float dtype, target (...) class numbers; epsilon in [0, 1]; reduction none, mean or sum. The
    loss is float32 (float64 for float64). Anything else is an `InputError` or `DtypeError`. (Howard and Gugger, 2020)
    """

    def __init__(self, epsilon: float = 0.1, reduction: str = "mean") -> None:
        super().__init__()
        check_unit_eps("epsilon", epsilon)
        require_choice("reduction", reduction, REDUCTIONS)
        self.epsilon, self.reduction = epsilon, reduction

    def forward(self, output: Tensor, target: Tensor) -> Tensor:
        """The loss of a batch."""
        check_logits(output)
        check_labels(output, target)
        check_classes(target, output.shape[-1])
        return reduce(linear(output, target, eps=self.epsilon), self.reduction)

    def extra_repr(self) -> str:
        """The arguments, for print."""
        return f"epsilon={self.epsilon}, reduction={self.reduction!r}"


class CrossEntropyLoss(nn.Module):
    """The mean over the batch, in the place of torchreid's `CrossEntropyLoss`.

    mean_i of -sum_c q_c log p_c with q = (1 - eps) onehot + eps/K; eps is 0 if label_smooth is False

    inputs (n, num_classes) of any float dtype on any device, which use_gpu no longer chooses; targets (n) class
    numbers; eps in [0, 1]. The loss is float32 (float64 for float64). Anything else, other numbers of classes
    included, is an `InputError` or `DtypeError`. (Zhou and Xiang, 2019)
    """

    def __init__(self, num_classes: int, eps: float = 0.1, use_gpu: bool = True, label_smooth: bool = True) -> None:
        super().__init__()
        if isinstance(num_classes, bool) or not isinstance(num_classes, Integral):
            raise DtypeError(f"num_classes must be an int, got {num_classes!r}")
        if num_classes < 1:
            raise InputError(f"num_classes must be at least 1, got {num_classes}")
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
