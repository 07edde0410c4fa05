"""The memory that a recorded step reads its batch from, and that it writes its losses to."""

import torch
from torch import Tensor

from lsbench.training.epoch_draws import EpochDraws


class Inputs:
    """What a batch draws, in fixed memory: later ones of the same size are copied into it."""

    def __init__(self, draws: EpochDraws) -> None:
        self.draws: EpochDraws = draws.map(torch.clone)
        self.losses: Tensor = torch.zeros(len(draws.order), device=draws.order.device)  # (cells,)

    def fill(self, draws: EpochDraws) -> None:
        """Copy another batch's draws into it."""
        for own, new in zip(self.draws.tensors(), draws.tensors(), strict=True):
            own.copy_(new)
