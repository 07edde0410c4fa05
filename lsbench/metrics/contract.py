"""What every metric promises: `@metric` turns a formula on checked tensors into a function of tensors or arrays."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, cast, overload

import numpy as np
import torch
from torch import Tensor

from lsbench.metrics.checks import Array, checked

Options = ParamSpec("Options")


class Metric(Protocol[Options]):
    """f(probs (..., n, K), labels (..., n)) -> (...) in float64: a tensor from tensors, numpy from numpy."""

    __wrapped__: Callable[Concatenate[Tensor, Tensor, Options], Tensor]  # the formula, for checked tensors

    @overload
    def __call__(self, probs: Tensor, labels: Tensor, *args: Options.args, **kwargs: Options.kwargs) -> Tensor: ...
    @overload
    def __call__(self, probs: np.ndarray, labels: np.ndarray, *args: Options.args, **kwargs: Options.kwargs) -> Any: ...


def metric(formula: Callable[Concatenate[Tensor, Tensor, Options], Tensor]) -> Metric[Options]:
    """Check and convert the arguments before the formula, and give back the caller's kind of array."""

    @wraps(formula)
    def on_any_array(probs: Array, labels: Array, *args: Options.args, **kwargs: Options.kwargs) -> Any:
        return in_kind_of(probs, applied(formula, *checked(probs, labels), *args, **kwargs))

    return cast(Metric[Options], on_any_array)


def applied(formula: Callable[..., Any], probs: Tensor, labels: Tensor, *args: Any, **kwargs: Any) -> Any:
    """The formula of checked probs (..., n, K) and labels (..., n); of a stack of no cells, nothing of the right shape.

    A formula never sees an empty stack: not every operation takes one (a Fourier transform does not). Which axes the
    result has is asked of one made-up cell. The result is a tensor, or a dataclass of tensors.
    """
    if labels.numel():
        return formula(probs, labels, *args, **kwargs)
    n, num_classes = probs.shape[-2:]
    uniform = torch.full((n, num_classes), 1 / num_classes, dtype=probs.dtype, device=probs.device)
    one = formula(uniform, labels.new_zeros(n), *args, **kwargs)
    leading = labels.shape[:-1]
    if isinstance(one, Tensor):
        return one.new_zeros((*leading, *one.shape))
    return replace(one, **{name: part.new_zeros((*leading, *part.shape)) for name, part in vars(one).items()})


def in_kind_of(probs: Array, value: Tensor) -> Any:
    """Return the value as it is for tensor probs, else as a numpy array, or a numpy scalar if it has no axes."""
    return value if isinstance(probs, Tensor) else value.numpy()[()]
