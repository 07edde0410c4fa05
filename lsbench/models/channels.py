"""Images of several cells side by side as channels, and apart again."""

from torch import Tensor


def side_by_side(x: Tensor) -> Tensor:
    """(cells, n, C, h, w) -> (n, cells * C, h, w); a view of what `apart` gave."""
    return x.transpose(0, 1).flatten(1, 2)


def apart(x: Tensor, cells: int) -> Tensor:
    """(n, cells * C, h, w) -> (cells, n, C, h, w), a view."""
    return x.unflatten(1, (cells, -1)).transpose(0, 1)
