"""The ways of fitting a temperature that `catalogue.TEMPERATURES` names, each for the held-out log-probs of many cells.

Each is a function f(log_probs (cells, n, K), given (cells, n), *, what it `needs`) -> `Temperature`. `matrix`
(cells, K, K) holds P(given | true), `clean` (cells, n) the published labels.
"""

from torch import Tensor

from lsbench.noise import estimate_noise
from lsbench.training.after_training import as_tensors
from lsbench.training.temperature import Temperature, fit_temperature


def fit_given(log_probs: Tensor, given: Tensor) -> Temperature:
    """By the given labels, wrong ones included."""
    return fit_temperature(log_probs, given)


def fit_estimated(log_probs: Tensor, given: Tensor) -> Temperature:
    """By the given labels, with the noise matrix that confident learning makes of the same predictions.

    What the model gets wrong counts as noise, so the temperature is too low where the model is weak. A class that no
    example is believed to be of keeps its labels.
    """
    probs = log_probs.exp().clamp(max=1.0).cpu()
    matrices = [estimate_noise(*of_cell).matrix for of_cell in zip(probs, given.cpu(), strict=True)]
    return fit_temperature(log_probs, given, noise=as_tensors(matrices, log_probs))


def fit_known(log_probs: Tensor, given: Tensor, *, matrix: Tensor) -> Temperature:
    """By the given labels, with the noise matrix that changed them."""
    return fit_temperature(log_probs, given, noise=matrix)


def fit_clean(log_probs: Tensor, given: Tensor, *, clean: Tensor) -> Temperature:  # noqa: ARG001 - all are called alike
    """By the published labels."""
    return fit_temperature(log_probs, clean)
