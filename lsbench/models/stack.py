"""Many copies of one network as one program: every parameter and buffer gets a leading axis over cells.

A stack of one runs torch's own kernels on the single copy, its images in channels-last layout, so it computes exactly
what the plain module does in that layout.
"""

from collections import OrderedDict
from collections.abc import Sequence

from torch import Tensor, nn

from lsbench.models.layers import PerChannel, PerExample, StackedBatchNorm2d, StackedConv2d, StackedLinear
from lsbench.models.pool import MaxPool
from lsbench.models.residual import Residual

STACKED = {nn.Linear: StackedLinear, nn.Conv2d: StackedConv2d, nn.BatchNorm2d: StackedBatchNorm2d}
PER_CHANNEL = (nn.MaxPool2d, nn.AdaptiveAvgPool2d)
PER_EXAMPLE = (nn.Flatten,)
ELEMENTWISE = (nn.ReLU, nn.Identity)
KNOWN = (nn.Sequential, Residual, *STACKED, *PER_CHANNEL, *PER_EXAMPLE, *ELEMENTWISE)


class StackedModel(nn.Module):
    """Copies of one architecture, trained side by side: inputs (cells, n, ...) -> logits (cells, n, K)."""

    def __init__(self, copies: Sequence[nn.Sequential]) -> None:
        super().__init__()
        self.cells = len(copies)
        self.layers = _stack(copies)

    def forward(self, x: Tensor) -> Tensor:
        """Each copy's output for its own inputs."""
        return self.layers(x)

    def copy_state(self, cell: int) -> dict[str, Tensor]:
        """The state_dict of one cell's plain `nn.Sequential`, running statistics included."""
        return {name.removeprefix("layers."): value[cell] for name, value in self.state_dict().items()}


def _stack(copies: Sequence[nn.Module]) -> nn.Module:
    """The same layer of every copy as one layer; what contains layers keeps their names."""
    first, kind = copies[0], type(copies[0])
    if kind in STACKED:
        return STACKED[kind](copies)
    if kind in PER_CHANNEL:
        return PerChannel(MaxPool(first) if isinstance(first, nn.MaxPool2d) else first)
    if kind in PER_EXAMPLE:
        return PerExample(first)
    if kind in ELEMENTWISE:
        return first
    if kind not in KNOWN:
        raise TypeError(f"no stacked form of {kind.__name__}; known: {', '.join(k.__name__ for k in KNOWN)}")
    parts = zip(*(copy.children() for copy in copies), strict=True)
    children = {name: _stack(part) for (name, _), part in zip(first.named_children(), parts, strict=True)}
    return Residual(**children) if kind is Residual else nn.Sequential(OrderedDict(children))
