"""The models that names refer to: factories f(shape, num_classes) -> nn.Sequential, with torch's own initialisation."""

from itertools import pairwise
from math import prod

from torch import nn

from lsbench.errors import InputError

MLP_WIDTHS = (512, 256, 128, 64)
CNN_KERNEL, CNN_CHANNELS = 5, (10, 20)


def linear(shape: tuple[int, ...], num_classes: int) -> nn.Sequential:
    """Softmax regression: one affine map from the pixels to the logits."""
    return nn.Sequential(nn.Flatten(), nn.Linear(prod(shape), num_classes))


def mlp(shape: tuple[int, ...], num_classes: int) -> nn.Sequential:
    """pixels-512-256-128-64-classes with ReLU between; 784 pixels and 10 classes make the MNIST tutorial's."""
    hidden = [
        layer for wide, narrow in pairwise((prod(shape), *MLP_WIDTHS)) for layer in (nn.Linear(wide, narrow), nn.ReLU())
    ]
    return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(MLP_WIDTHS[-1], num_classes))


def cnn(shape: tuple[int, ...], num_classes: int) -> nn.Sequential:
    """5x5 conv to 10 channels, pool, ReLU, 5x5 conv to 20, pool, ReLU, fully connected (320 inputs at 28x28)."""
    channels, *size = shape
    for _ in CNN_CHANNELS:
        size = [(side - CNN_KERNEL + 1) // 2 for side in size]
    if min(size) < 1:
        raise InputError(f"model 'cnn' needs images of at least 16x16 pixels, got {shape[1]}x{shape[2]}; try 'mlp'")
    first, second = CNN_CHANNELS
    return nn.Sequential(
        nn.Conv2d(channels, first, CNN_KERNEL),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Conv2d(first, second, CNN_KERNEL),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(second * prod(size), num_classes),
    )
