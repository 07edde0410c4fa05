"""The building block of residual networks."""

from torch import Tensor, nn


class Residual(nn.Module):
    """relu(body(x) + shortcut(x)), elementwise (He et al., 2016, "Deep residual learning", equations 1 and 2)."""

    def __init__(self, body: nn.Module, shortcut: nn.Module) -> None:
        super().__init__()
        self.body = body
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        """The block's output; body and shortcut must give equal shapes."""
        return (self.body(x) + self.shortcut(x)).relu_()
