import torch
from torch import nn


def channels_last(module: nn.Module) -> nn.Module:
    """The plain module in the layout of a stack of one."""
    for p in module.parameters():
        if p.dim() == 4:
            p.data = p.data.to(memory_format=torch.channels_last)
    return module
