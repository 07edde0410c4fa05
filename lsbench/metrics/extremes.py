"""How many confidences lie where conventions and precisions decide."""

import torch
from torch import Tensor

from lsbench.metrics.binning import inner_edges
from lsbench.metrics.contract import metric
from lsbench.names.bins import DEFAULT_BINS


@metric
def edge_ties(probs: Tensor, labels: Tensor, bins: int = DEFAULT_BINS) -> Tensor:  # noqa: ARG001 - the contract
    """How many confidences are exactly an edge between two bins, where closed="right" and "left" differ.

    #{i : c_i in {1/bins, ..., (bins-1)/bins}}, with numpy's linspace edges; 0 and 1 are not among them.

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K); checked, and not used.
        bins: how many, at least 1.

    Returns:
        (...) in [0, n], float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range, bins
            below 1.
        DtypeError: probs that are not floating point, labels or bins that are not integers.

    Example:
        >>> float(edge_ties([[0.6, 0.4], [0.9, 0.1]], [0, 0], bins=10))
        1.0
    """
    return torch.isin(probs.amax(-1), inner_edges(bins, probs.device)).to(probs.dtype).sum(-1)


@metric
def saturation(probs: Tensor, labels: Tensor) -> Tensor:  # noqa: ARG001 - likewise
    """Share of examples whose confidence is exactly 1.

    A float32 softmax rounds to 1 beyond a logit margin of about 17: common after cross-entropy, not after smoothing.

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K); checked, and not used.

    Returns:
        (...) in [0, 1], float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range.
        DtypeError: probs that are not floating point, labels that are not integers.

    Example:
        >>> float(saturation([[1.0, 0.0], [0.9, 0.1]], [0, 0]))
        0.5
    """
    return (probs.amax(-1) == 1).to(probs.dtype).mean(-1)
