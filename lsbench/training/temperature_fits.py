"""The ways of fitting a temperature that `catalogue.TEMPERATURES` names, each for one cell's held-out log-probs.

Each is a function f(log_probs (n, K), given (n,), *, what it `needs`) -> `Temperature`. `matrix` (K, K) holds
P(given | true), `clean` (n,) the published labels.
"""

from torch import Tensor

from lsbench.training.temperature import Temperature, fit_temperature


def fit_given(log_probs: Tensor, given: Tensor) -> Temperature:
    """By the given labels, wrong ones included."""
    return fit_temperature(log_probs, given)


def fit_forward(log_probs: Tensor, given: Tensor, *, matrix: Tensor) -> Temperature:
    """By the given labels, with the noise matrix that changed them."""
    return fit_temperature(log_probs, given, noise=matrix)


def fit_clean(log_probs: Tensor, given: Tensor, *, clean: Tensor) -> Temperature:  # noqa: ARG001 - all are called alike
    """By the published labels."""
    return fit_temperature(log_probs, clean)
