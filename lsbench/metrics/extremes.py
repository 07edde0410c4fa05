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

    probs (..., n, K), labels (..., n), which are not used -> (...) in [0, n], float64.
    Errors: `expected_calibration_error`.
    """
    return torch.isin(probs.amax(-1), inner_edges(bins, probs.device)).to(probs.dtype).sum(-1)


@metric
def saturation(probs: Tensor, labels: Tensor) -> Tensor:  # noqa: ARG001 - likewise
    """Share of examples whose confidence is exactly 1.

    A float32 softmax rounds to 1 beyond a logit margin of about 17: common after cross-entropy, not after smoothing.

    probs (..., n, K), labels (..., n), which are not used -> (...) in [0, 1], float64.
    Errors: `lsbench.metrics.checks.checked`.
    """
    return (probs.amax(-1) == 1).to(probs.dtype).mean(-1)
