"""The moving average of a model's weights, which often predicts better than the last ones do."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from lsbench.errors import require_number


class WeightAverage:
    """a <- d a + (1 - d) w after each step, elementwise, so the cells of a stack stay apart.

    a starts from the weights w as they are now. The t-th update has d = min(decay, (1 + t) / (10 + t)), so that a
    short training's average is of about its last tenth, not of the initial weights or of all it passed through.
    Buffers are not averaged: running statistics are averages already, and counts are none. decay in [0, 1)
    (Polyak and Juditsky, 1992).
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        require_number("decay of the weights' average", decay, 0.0, 1 - 1e-12)
        self.decay = decay
        self.updates: int = 0
        self._parameters = list(model.parameters())
        self.values: list[Tensor] = [p.detach().clone() for p in self._parameters]  # a

    @torch.no_grad()
    def update(self) -> None:
        """Add the present weights to the average; to be called after each step of the optimiser."""
        self.updates += 1
        weights = [p.detach() for p in self._parameters]
        share = self.share_of(self.updates)
        torch._foreach_lerp_(self.values, weights, share)  # pyright: ignore[reportPrivateImportUsage]

    def share_of(self, update: int) -> float:
        """1 - d of the t-th update, t from 1: the share that the weights have in it."""
        return 1 - min(self.decay, (1 + update) / (10 + update))

    @torch.no_grad()
    def move(self, share: Tensor) -> None:
        """Add the present weights with a share () that is on their device; the same bits as `update`, uncounted."""
        for average, p in zip(self.values, self._parameters, strict=True):
            average.lerp_(p.detach(), share)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Run a block with the averages as the model's weights; nothing is copied. No training or `update` in it."""
        own = self._exchange(self.values)
        try:
            yield
        finally:
            self._exchange(own)

    def _exchange(self, values: list[Tensor]) -> list[Tensor]:
        """Give the parameters these values, and return theirs."""
        own = [p.data for p in self._parameters]
        for p, value in zip(self._parameters, values, strict=True):
            p.data = value
        return own
