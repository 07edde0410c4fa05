"""All that a step changes, so that one can be taken back, and two ways of taking it compared."""

from collections.abc import Sequence

import torch
from torch import Generator, Tensor


class State:
    """Tensors and generators as they are now, with room for what they become."""

    def __init__(self, tensors: Sequence[Tensor], generators: Sequence[Generator]) -> None:
        self.tensors: list[Tensor] = [tensor.detach() for tensor in tensors]
        self.generators: list[Generator] = list(generators)
        self._before: list[Tensor] = [tensor.clone() for tensor in self.tensors]
        self.draws: list[Tensor] = [generator.get_state() for generator in self.generators]
        self._drawn: list[Tensor] = self.draws
        self._after: list[Tensor] = [torch.empty_like(tensor) for tensor in self.tensors]

    def keep_after(self) -> None:
        """Keep all as it is now: what a step made of it."""
        _copy(self.tensors, self._after)
        self._drawn = [generator.get_state() for generator in self.generators]

    def restore_before(self) -> None:
        """All as it was when this was made."""
        _copy(self._before, self.tensors)
        self._set(self.draws)

    def restore_after(self) -> None:
        """All as it was at `keep_after`."""
        _copy(self._after, self.tensors)
        self._set(self._drawn)

    def _set(self, draws: Sequence[Tensor]) -> None:
        for generator, state in zip(self.generators, draws, strict=True):
            generator.set_state(state)

    def error(self) -> float:
        """The largest difference of a tensor from what it was at `keep_after`, see `_apart`."""
        return float(torch.stack([_apart(*pair) for pair in zip(self.tensors, self._after, strict=True)]).max())


def _copy(source: Sequence[Tensor], target: Sequence[Tensor]) -> None:
    for old, new in zip(target, source, strict=True):
        old.copy_(new)


def _apart(own: Tensor, other: Tensor) -> Tensor:
    """The largest difference, over the largest number if that is above 1; equal, infinite alike and both NaN are 0."""
    if not own.numel():
        return torch.zeros((), device=own.device)
    own, other = own.float(), other.float()
    same = (own == other) | (own.isnan() & other.isnan())
    scale = other.nan_to_num(0.0, 0.0, 0.0).abs().max().clamp_min(1.0)
    return ((own - other).abs().where(~same, 0.0).max() / scale).nan_to_num(torch.inf)
