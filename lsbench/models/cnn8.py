"""The 8-layer CNN of Ma et al. (2020), "Normalized loss functions for deep learning with noisy labels"."""

from itertools import pairwise
from math import prod

from torch import nn

from lsbench.errors import InputError

WIDTHS = (64, 128, 196)  # the third is the published one, no 192
HIDDEN = 256
SMALLEST = 8  # pixels per side: three poolings


def cnn8(shape: tuple[int, ...], num_classes: int) -> nn.Sequential:
    """3x3 conv 64, 64, pool, 128, 128, pool, 196, 196, pool, fully connected 256, classes.

    Batch normalisation and ReLU follow every convolution and the first fully connected layer. As in the authors' code
    for CIFAR-10, convolutions have biases and start from Kaiming's uniform distribution with fan_in (He et al., 2015),
    fully connected weights from Xavier's (Glorot and Bengio, 2010), biases from torch's own. Theirs is for 3x32x32 and
    10 classes alone, and for MNIST they take a smaller net; this one adapts to other images and classes.
    """
    channels, *size = shape
    if len(size) != 2 or min(size) < SMALLEST:
        got = "x".join(map(str, size))
        raise InputError(f"model 'cnn8' needs images of at least {SMALLEST}x{SMALLEST} pixels, got {got}; try 'mlp'")
    model = nn.Sequential(
        *(layer for narrow, wide in pairwise((channels, *WIDTHS)) for layer in _block(narrow, wide)),
        nn.Flatten(),
        nn.Linear(WIDTHS[-1] * prod(side // 8 for side in size), HIDDEN),
        nn.BatchNorm1d(HIDDEN),
        nn.ReLU(),
        nn.Linear(HIDDEN, num_classes),
    )
    _start(model)
    return model


def _block(narrow: int, wide: int) -> list[nn.Module]:
    return [*_convolve(narrow, wide), *_convolve(wide, wide), nn.MaxPool2d(2)]


def _convolve(narrow: int, wide: int) -> list[nn.Module]:
    return [nn.Conv2d(narrow, wide, 3, padding=1), nn.BatchNorm2d(wide), nn.ReLU()]


def _start(model: nn.Module) -> None:
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_uniform_(layer.weight, mode="fan_in", nonlinearity="relu")
        elif isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
