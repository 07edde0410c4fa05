"""The ways of fitting a temperature that `catalogue.TEMPERATURES` names, each for one cell's held-out log-probs.

Each is a function f(log_probs (n, K), given (n,), *, what it `needs`) -> `Temperature`. `matrix` (K, K) holds
P(given | true), `clean` (n,) the published labels.
"""

from torch import Tensor

from lsbench.noise import estimate_noise
from lsbench.training.after_training import as_tensor
from lsbench.training.temperature import Temperature, fit_temperature


def fit_given(log_probs: Tensor, given: Tensor) -> Temperature:
    """By the given labels, wrong ones included."""
    return fit_temperature(log_probs, given)


def fit_estimated(log_probs: Tensor, given: Tensor) -> Temperature:
    """By the given labels, with the noise matrix that confident learning makes of the same predictions.

    What the model gets wrong counts as noise, so the temperature is too low where the model is weak. A class that no
    example is believed to be of keeps its labels.
    """
    matrix = estimate_noise(log_probs.exp().clamp(max=1.0), given).matrix
    return fit_temperature(log_probs, given, noise=as_tensor(matrix, log_probs))


def fit_known(log_probs: Tensor, given: Tensor, *, matrix: Tensor) -> Temperature:
    """By the given labels, with the noise matrix that changed them."""
    return fit_temperature(log_probs, given, noise=matrix)


def fit_clean(log_probs: Tensor, given: Tensor, *, clean: Tensor) -> Temperature:  # noqa: ARG001 - all are called alike
    """By the published labels."""
    return fit_temperature(log_probs, clean)
