"""What every metric promises: `@metric` turns a formula on checked tensors into a function of tensors or arrays."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, cast, overload

import numpy as np
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
        return in_kind_of(probs, formula(*checked(probs, labels), *args, **kwargs))

    return cast(Metric[Options], on_any_array)


def in_kind_of(probs: Array, value: Tensor) -> Any:
    """Return the value as it is for tensor probs, else as a numpy array, or a numpy scalar if it has no axes."""
    return value if isinstance(probs, Tensor) else value.numpy()[()]
