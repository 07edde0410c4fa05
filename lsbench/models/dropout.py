"""Dropout that draws the same masks for a cell whether it is trained alone or in a stack."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from lsbench.seeding import stream_seed


class CellDropout(nn.Module):
    """nn.Dropout per cell: in training y = x b / (1 - p), elementwise, b ~ Bernoulli(1 - p); in evaluation y = x.

    x is (cells, n, ...), or (n, ...) for one cell. Each cell's b come from its seed's stream `dropout` and the layer's
    position in the model, on x's device: equal seeds have equal masks, whatever the neighbours, and every layer has
    others. Of equal batches in equal order, that is; a CPU and a GPU draw different ones (Srivastava et al., 2014).
    """

    def __init__(self, p: float, seeds: Sequence[int], position: int = 0) -> None:
        super().__init__()
        self.p = p
        self.seeds: list[int] = [_layer_seed(seed, position) for seed in seeds]
        self._generators: dict[torch.device, dict[int, torch.Generator]] = {}

    def forward(self, x: Tensor) -> Tensor:
        """The inputs, each set to 0 with probability p and divided by 1 - p otherwise."""
        if not self.training or self.p == 0:
            return x
        return x * self._masks(x).div_(1 - self.p or 1.0)  # where p is 1 all are 0

    def extra_repr(self) -> str:
        """The text between the brackets where the layer is printed."""
        return f"p={self.p}, cells={len(self.seeds)}"

    def _masks(self, x: Tensor) -> Tensor:
        """Zeros and ones of x's shape, or of a cell's where all cells have the same."""
        shape = x.shape if len(self.seeds) == 1 else x.shape[1:]
        drawn = {
            seed: torch.empty(shape, dtype=x.dtype, device=x.device).bernoulli_(1 - self.p, generator=generator)
            for seed, generator in self.generators(x.device).items()
        }
        return torch.stack([drawn[seed] for seed in self.seeds]) if len(drawn) > 1 else drawn[self.seeds[0]]

    def generators(self, device: torch.device) -> dict[int, torch.Generator]:
        """What it draws from on a device, for each of the layer's seeds."""
        if device not in self._generators:  # made here, as only the input tells where the model has gone
            self._generators[device] = {seed: torch.Generator(device).manual_seed(seed) for seed in set(self.seeds)}
        return self._generators[device]


def mask_by_cell(model: nn.Module, seeds: Sequence[int]) -> None:
    """Replace every nn.Dropout by a `CellDropout` of these seeds; its position is its number among them."""
    paths = [path for path, layer in model.named_modules(remove_duplicate=False) if type(layer) is nn.Dropout]
    for position, path in enumerate(paths):
        parent, _, name = path.rpartition(".")
        layer = CellDropout(model.get_submodule(path).p, seeds, position)  # pyright: ignore[reportArgumentType] - a float
        setattr(model.get_submodule(parent), name, layer.train(model.get_submodule(path).training))


def _layer_seed(seed: int, position: int) -> int:
    """A seed for one layer, hashed twice: the CPU's generator uses the last 32 bits only; neighbours share many."""
    return stream_seed(stream_seed(seed, "dropout") + position, "dropout")
