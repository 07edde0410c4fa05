"""What a loss refuses, and the sentence it says: what was got, what is allowed, what to try."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch._C._functorch import is_functorch_wrapped_tensor  # torch has no public name for it

from lsbench.errors import DtypeError, InputError, require_number, shown


def shape_of(tensor: Tensor) -> tuple[int, ...]:
    """The shape as a plain tuple, which prints as (2, 3)."""
    return tuple(tensor.shape)


def traced(tensor: Tensor) -> bool:
    """Whether it stands for values to come: in `torch.compile`, or inside `torch.func.vmap` or `grad`."""
    return torch.compiler.is_compiling() or is_functorch_wrapped_tensor(tensor)


def readable(tensor: Tensor) -> bool:
    """Whether a value may be looked at: there is one, and on a CPU, where that does not wait for a kernel to end."""
    return not traced(tensor) and tensor.device.type == "cpu"


def check_floating(name: str, tensor: Tensor) -> None:
    """Raise `DtypeError` unless it is a tensor of floating-point numbers."""
    if not isinstance(tensor, Tensor):
        raise DtypeError(f"{name} must be a torch.Tensor, got {type(tensor).__name__}")
    if not tensor.is_floating_point():
        raise DtypeError(f"{name} must be floating point, got {tensor.dtype}")


def check_logits(logits: Tensor, axis: int = -1, name: str = "logits") -> None:
    """Raise unless they are floating point and have at least one class on the axis."""
    check_floating(name, logits)
    if logits.ndim == 0 or logits.shape[axis] == 0:
        raise InputError(f"{name} must have at least one class, got the shape {shape_of(logits)}")


def check_labels(logits: Tensor, labels: Tensor, axis: int = -1) -> None:
    """Raise unless the labels are integers in the logits' shape without the class axis."""
    if not isinstance(labels, Tensor):
        raise DtypeError(f"labels must be a torch.Tensor, got {type(labels).__name__}")
    if labels.is_floating_point() or labels.is_complex() or labels.dtype == torch.bool:
        raise DtypeError(f"labels must be class numbers of an integer dtype, got {labels.dtype}")
    expected = list(shape_of(logits))
    del expected[axis]
    if list(labels.shape) != expected:
        raise InputError(
            f"labels must have the shape {tuple(expected)}, which is that of the logits {shape_of(logits)} "
            f"without the class axis; got {shape_of(labels)}"
        )


def check_same_shape(names: str, targets: Tensor, logits: Tensor) -> None:
    """Raise `InputError` unless both have one shape."""
    if targets.shape != logits.shape:
        raise InputError(f"{names} must have the same shape, got {shape_of(targets)} and {shape_of(logits)}")


def check_matrix(logits: Tensor, labels: Tensor) -> None:
    """Raise unless the logits are (n, K) and the labels (n)."""
    check_logits(logits)
    if logits.ndim != 2:
        raise InputError(
            f"logits must have 2 dimensions (n, K), got {logits.ndim} in {shape_of(logits)}; "
            "SmoothedCrossEntropy takes (N, K, d1, ...)"
        )
    check_labels(logits, labels)


def check_classes(labels: Tensor, num_classes: int, ignore_index: int | None = None) -> None:
    """Raise `InputError` for a class number outside [0, K), where values can be read without waiting."""
    if not readable(labels):
        return
    labels = labels.long()
    wrong = (labels < 0) | (labels >= num_classes)
    if ignore_index is not None:
        wrong &= labels != ignore_index
    if wrong.any():
        also = "" if ignore_index is None else f", or be ignore_index {ignore_index}"
        raise InputError(f"labels must lie in [0, {num_classes - 1}]{also}; got {int(labels[wrong][0])}")


def check_unit_eps(name: str, eps: float) -> None:
    """Raise unless eps is a number in [0, 1]."""
    if isinstance(eps, (int, float)) and eps < 0:
        raise InputError(f"{name} must lie in [0, 1], got {shown(eps)}; SmoothedCrossEntropy takes negative smoothing")
    require_number(name, eps, 0.0, 1.0)


def check_class_weights(weight: Tensor | None) -> None:
    """Raise unless the class weights are None or a vector of finite numbers that are not negative."""
    if weight is None:
        return
    check_floating("weight", weight)
    if weight.ndim != 1:
        raise InputError(f"weight must have 1 dimension, one entry per class; got the shape {shape_of(weight)}")
    if not bool((right := weight.isfinite() & (weight >= 0)).all()):
        wrong = int((~right).nonzero()[0])
        raise InputError(f"weight must be finite and not negative, got {float(weight[wrong])} for class {wrong}")


def check_weight_size(weight: Tensor | None, num_classes: int) -> None:
    """Raise `InputError` unless there is a class weight for each class, if there are any."""
    if weight is not None and len(weight) != num_classes:
        raise InputError(f"weight has {len(weight)} entries, but the logits have {num_classes} classes")


def one_of(eps: float | None, alias: str, value: float | None, default: float) -> float:
    """The smoothing by either of its two names; the default where neither is given, `InputError` where both are."""
    if eps is not None and value is not None:
        raise InputError(f"eps and {alias} are two names of one number; give one: got {shown(eps)} and {shown(value)}")
    given = value if eps is None else eps
    return default if given is None else given


def broadcasts(shape: Sequence[int], to: Sequence[int]) -> bool:
    """Whether a tensor of one shape can be expanded to the other."""
    pairs = zip(reversed(shape), reversed(to), strict=False)
    return len(shape) <= len(to) and all(size in (1, wanted) for size, wanted in pairs)
