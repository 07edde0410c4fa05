"""A network of plain layers, written as Python that needs torch alone."""

from typing import Any

import torch
from torch import Tensor, nn

from lsbench.models.residual import Residual
from lsbench.models.stack import ELEMENTWISE, PER_CHANNEL, PER_EXAMPLE, STACKED

PLAIN = (*STACKED, *PER_CHANNEL, *PER_EXAMPLE, *ELEMENTWISE, nn.Dropout)  # their repr is the call that makes them
RESIDUAL = '''
class Residual(nn.Module):
    """relu(body(x) + shortcut(x))"""

    def __init__(self, body, shortcut):
        super().__init__()
        self.body, self.shortcut = body, shortcut

    def forward(self, x):
        return (self.body(x) + self.shortcut(x)).relu()

'''


def written(module: nn.Module, examples: Tensor) -> tuple[str, str] | None:
    """(classes that it needs, the expression that makes it, weights apart), or None for a module of other layers.

    What is written is tried: with the module's weights it gives the same outputs for these examples (n, ...). A layer
    of which the expression does not say everything is so found out.

    Example:
        >>> print(written(nn.Sequential(nn.Flatten(), nn.ReLU()), torch.ones(1, 2))[1])
        nn.Sequential(
            nn.Flatten(start_dim=1, end_dim=-1),
            nn.ReLU(),
        )
    """
    text = _expression(module, 0)
    if text is None:
        return None
    classes = RESIDUAL if any(isinstance(part, Residual) for part in module.modules()) else ""
    return (classes, text) if _is_same(module, _made(classes, text), examples) else None


def _made(classes: str, text: str) -> nn.Module:
    """The module that was written; the texts are of this file's own making."""
    names: dict[str, Any] = {"nn": nn, "torch": torch}
    exec(classes, names)
    return eval(text, names)


@torch.no_grad()
def _is_same(module: nn.Module, again: nn.Module, examples: Tensor) -> bool:
    state = module.state_dict()
    if {name: value.shape for name, value in again.state_dict().items()} != {k: v.shape for k, v in state.items()}:
        return False
    again.load_state_dict(state)
    return torch.equal(again.eval()(examples), module.eval()(examples))


def _expression(module: nn.Module, depth: int) -> str | None:
    inner = "    " * (depth + 1)
    if type(module) is Residual:
        parts = [_expression(part, depth + 1) for part in (module.body, module.shortcut)]
        return _call("Residual", parts, inner)
    if type(module) is nn.Sequential:
        if list(module._modules) != [str(i) for i in range(len(module))]:
            return None  # its layers have names of their own, which the weights have too
        return _call("nn.Sequential", [_expression(layer, depth + 1) for layer in module], inner)
    return f"nn.{module!r}" if type(module) in PLAIN else None


def _call(name: str, parts: list[str | None], inner: str) -> str | None:
    texts = [part for part in parts if part is not None]
    if len(texts) < len(parts):
        return None
    return f"{name}(\n" + "".join(f"{inner}{text},\n" for text in texts) + f"{inner[4:]})"
