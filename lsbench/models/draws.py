"""torch's global random numbers for one cell: the same ones, whatever else draws from them in the same process."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from lsbench.seeding import stream_seed


class OwnDraws:
    """Makes layers that draw from torch's global generators draw from the cell's stream `dropout` instead.

    For layers that take no generator: stochastic depth, nn.Dropout2d, F.dropout within somebody's module.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.has_drawn: bool = False  # whether any block has drawn
        self._states: dict[torch.device, Tensor] = {}  # of each device's generator, where the last block left it

    @contextmanager
    def on(self, device: torch.device) -> Iterator[None]:
        """Run a block with the global generators of the CPU and the device set to where this stream stopped last."""
        devices = {torch.device("cpu"), device}
        with torch.random.fork_rng([d for d in devices if d.type == "cuda"]):
            before = {each: self._states[each] if each in self._states else self._start(each) for each in devices}
            for each in devices:
                _set_state(each, before[each])
            yield
            self._states = {each: _state(each) for each in devices}
            self.has_drawn = self.has_drawn or any(
                (before[each].numpy() != self._states[each].numpy()).any() for each in devices
            )

    def _start(self, device: torch.device) -> Tensor:
        return torch.Generator(device).manual_seed(stream_seed(self.seed, "dropout")).get_state()


def _state(device: torch.device) -> Tensor:
    return torch.cuda.get_rng_state(device) if device.type == "cuda" else torch.get_rng_state()


def _set_state(device: torch.device, state: Tensor) -> None:
    if device.type == "cuda":
        torch.cuda.set_rng_state(state, device)
    else:
        torch.set_rng_state(state)
