"""Many copies of one network as one program: every parameter and buffer gets a leading axis over cells.

A stack of one is the plain module itself, so it computes what that does and costs what that costs.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from lsbench.errors import InputError
from lsbench.models.draws import OwnDraws
from lsbench.models.dropout import CellDropout, mask_by_cell
from lsbench.models.layers import PerChannel, PerExample, StackedBatchNorm, StackedConv2d, StackedLinear
from lsbench.models.output import problem_of_output
from lsbench.models.pool import MaxPool2d, pool_by_slices
from lsbench.models.residual import Residual
from lsbench.models.sharing import one_per_cell
from lsbench.models.torchvision_models import build_torchvision
from lsbench.names import resolve
from lsbench.names.reference import parse
from lsbench.seeding import global_stream

STACKED: dict[type[nn.Module], Callable[..., nn.Module]] = {
    nn.Linear: StackedLinear,
    nn.Conv2d: StackedConv2d,
    nn.BatchNorm1d: StackedBatchNorm,
    nn.BatchNorm2d: StackedBatchNorm,
}
PER_CHANNEL = (nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d)
PER_EXAMPLE = (nn.Flatten,)
ELEMENTWISE = (
    nn.ReLU,
    nn.ReLU6,
    nn.Hardtanh,
    nn.LeakyReLU,
    nn.ELU,
    nn.GELU,
    nn.SiLU,
    nn.Hardswish,
    nn.Hardsigmoid,
    nn.Sigmoid,
    nn.Tanh,
    nn.Identity,
)
KNOWN: tuple[type[nn.Module], ...] = (
    nn.Sequential,
    Residual,
    *STACKED,
    *PER_CHANNEL,
    *PER_EXAMPLE,
    *ELEMENTWISE,
    nn.Dropout,
)
WITHOUT_WEIGHTS = (PerChannel, PerExample, *ELEMENTWISE)  # the same for all cells
NO_GLOBAL_DRAWS: set[type[nn.Module]] = {*KNOWN, CellDropout, MaxPool2d}


def build(name: str, shape: tuple[int, ...], num_classes: int, seeds: Sequence[int]) -> "StackedModel":
    """One copy per seed; equal seeds start from equal weights and drop the same units, whatever their losses.

    The name may carry options, `mlp:dropout=0.2`, and be that of the user's own factory, or `torchvision:NAME`.
    `InputError` for a name or an option that is not known.
    """
    return StackedModel(copies_of(name, shape, num_classes, seeds), seeds)


def copies_of(name: str, shape: tuple[int, ...], num_classes: int, seeds: Sequence[int]) -> list[nn.Module]:
    """The plain networks of a stack, one per seed; errors as `build` has them."""
    make = factory_of(name)
    copies = []
    for seed in seeds:
        with global_stream(seed, "init"):
            copies.append(make(shape, num_classes))
    return copies


def factory_of(name: str) -> Callable[..., nn.Module]:
    """f(shape, num_classes) -> nn.Module for a name, its options bound; errors as `build` has them."""
    reference = parse(resolve.model_text(name))
    if reference.name.startswith(resolve.TORCHVISION):
        return partial(build_torchvision, reference.name.removeprefix(resolve.TORCHVISION), **reference.options)
    return partial(resolve.load_any("model", reference.name), **reference.options)


class StackedModel(nn.Module):
    """Copies of one architecture, trained side by side: inputs (cells, n, ...) -> logits (cells, n, K).

    The stack takes the copies over; a single one is used as it is, in another layout. Dropout draws from each cell's
    own stream, by its seed (all 0 by default), so a cell's masks don't depend on its neighbours. `TypeError` for
    several copies of what has no stacked form; a single one may be any module.
    """

    def __init__(self, copies: Sequence[nn.Module], seeds: Sequence[int] | None = None) -> None:
        super().__init__()
        self.cells: int = len(copies)
        self.steps_by: Callable[..., Any] | None = None  # how an engine takes steps: f(step) -> what takes them
        self.why_not_by: str = ""  # why that engine left the steps as they are, found while they were taken
        seeds = [0] * self.cells if seeds is None else seeds
        if len(seeds) != self.cells:
            raise InputError(f"a stack of {self.cells} needs a seed for each copy, got {len(seeds)}")
        self.layers: nn.Module = _stack(copies) if self.cells > 1 else Single(copies[0], seeds[0])
        mask_by_cell(self, seeds)

    def forward(self, x: Tensor, runs: Sequence[int] = ()) -> Tensor:
        """Each copy's output for its own inputs, or for those that it shares with its neighbours.

        Inputs (runs, n, ...) are read once as far as the first layer with weights; runs: how many cells each row goes
        to; () where x has a row for each cell.
        """
        if not runs or len(runs) == self.cells:
            return self.layers(x)
        if not isinstance(self.layers, nn.Sequential):
            return self.layers(one_per_cell(x, runs))
        for layer in self.layers:
            if runs and not isinstance(layer, WITHOUT_WEIGHTS):
                x = layer(x, runs) if isinstance(layer, StackedLinear) else layer(one_per_cell(x, runs))
                runs = ()
            else:
                x = layer(x)
        return x if not runs else one_per_cell(x, runs)

    def gradients(self) -> list[Tensor]:
        """The gradient of each parameter that has one, (cells, ...), which may be written to."""
        gradients = [p.grad for p in self.parameters() if p.grad is not None]
        return gradients if self.cells > 1 else [gradient.unsqueeze(0) for gradient in gradients]

    def copy_state(self, cell: int) -> dict[str, Tensor]:
        """The state_dict of one cell's plain module, running statistics included."""
        if isinstance(self.layers, Single):
            return self.layers.module.state_dict()
        return {name.removeprefix("layers."): value[cell] for name, value in self.state_dict().items()}


class Single(nn.Module):
    """A stack of one: (1, n, ...) -> (1, n, K). Convolutions are in channels-last layout, a third faster on a CPU."""

    def __init__(self, module: nn.Module, seed: int = 0) -> None:
        super().__init__()
        self.has_images: bool = any(isinstance(layer, nn.Conv2d) for layer in module.modules())
        self.module: nn.Module = module.to(memory_format=torch.channels_last) if self.has_images else module
        pool_by_slices(module)
        is_known = all(type(layer) in NO_GLOBAL_DRAWS for layer in module.modules())
        # of stochastic depth, say, or of the user's own layers
        self.draws: OwnDraws | None = None if is_known else OwnDraws(seed)

    def forward(self, x: Tensor) -> Tensor:
        """The module's output."""
        x = x.squeeze(0)
        x = x.to(memory_format=torch.channels_last) if self.has_images and x.dim() == 4 else x
        if self.draws is None or not self.training:
            return self._logits(x)
        with self.draws.on(x.device):
            return self._logits(x)

    def _logits(self, x: Tensor) -> Tensor:
        """The module's logits (1, n, K); `InputError` for a module of the user's that returns no tensor."""
        output = self.module(x)
        if not isinstance(output, Tensor):
            raise InputError(f"the model is broken: {problem_of_output(output, len(x))}; see lsbench check")
        return output.unsqueeze(0)


def _stack(copies: Sequence[nn.Module]) -> nn.Module:
    """Join the same layer of every copy into one layer; containers keep the names of their layers."""
    first, kind = copies[0], type(copies[0])
    if kind in STACKED:
        return STACKED[kind](copies)
    if kind in PER_CHANNEL:
        return PerChannel(MaxPool2d.of(first) if isinstance(first, nn.MaxPool2d) else first)
    if kind in PER_EXAMPLE:
        return PerExample(first)
    if kind in ELEMENTWISE or kind is nn.Dropout:  # which gets masks by cell once the stack is made
        return first
    if kind not in KNOWN:
        raise TypeError(f"no stacked form of {kind.__name__}; known: {', '.join(k.__name__ for k in KNOWN)}")
    _forbid_sharing(first)
    parts = zip(*(_children(copy).values() for copy in copies), strict=True)
    children = {name: _stack(part) for name, part in zip(_children(first), parts, strict=True)}
    return Residual(**children) if kind is Residual else nn.Sequential(OrderedDict(children))


def _children(module: nn.Module) -> dict[str, nn.Module]:
    """The direct children by name; a layer that has two names is there twice, which `named_children` gives once."""
    named = module.named_modules(remove_duplicate=False)
    return {name: child for name, child in named if name and "." not in name}


def _forbid_sharing(module: nn.Module) -> None:
    """`TypeError` for weights that two layers share, which would become different."""
    if len(list(module.named_parameters(remove_duplicate=False))) > len(list(module.parameters())):
        raise TypeError("no stacked form of a module that shares weights between layers; try a stack of one")
