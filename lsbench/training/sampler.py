"""Which examples an epoch sees where each is drawn with its own chance, with replacement."""

import torch
from torch import Generator, Tensor


def draw_places(chances: Tensor, count: int, generator: Generator) -> Tensor:
    """So many places 0 ... m - 1, each drawn in proportion to its chance, with replacement.

    By the inverse of the cumulated chances at uniform draws, so that two sets of chances share the draws of a seed.

    Args:
        chances: (m,), not negative, some above 0; they need not sum to 1.
        count: how many are drawn.
        generator: what the uniform draws come from.

    Returns:
        (count,) int64; a place whose chance is 0 is never drawn.
    """
    cumulated = chances.double().cumsum(0)
    drawn = torch.rand(count, generator=generator, dtype=torch.float64) * cumulated[-1]
    last = int(chances.nonzero()[-1])  # a draw that is rounded up to the whole
    return torch.searchsorted(cumulated, drawn, right=True).clamp_max(last)
