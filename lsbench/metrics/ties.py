"""Examples in the order of their confidence, with ties treated alike whatever order they came in."""

import torch
from torch import Tensor

from lsbench.metrics.sums import sum_at


def averaged_over_ties(confidence: Tensor, correct: Tensor) -> tuple[Tensor, Tensor]:
    """Sort by rising confidence, and give each example the mean correctness of those of the same confidence.

    What is then computed linearly from correctness by rank is the expectation over random orders of the ties.
    (..., n), (..., n) -> the same shapes.
    """
    confidence, order = confidence.sort(-1)
    new = confidence.diff(dim=-1, prepend=confidence[..., :1]) > 0
    group = new.cumsum(-1)
    total, size = (
        sum_at(values, group, confidence.shape[-1]).gather(-1, group)
        for values in (correct.gather(-1, order), torch.ones_like(confidence))
    )
    return confidence, total / size
