"""The models that names refer to: factories f(shape, num_classes, **options) -> nn.Sequential.

Where nothing else is said the weights have torch's own initialisation.
"""

from itertools import pairwise
from math import prod

from torch import nn

from lsbench.errors import InputError
from lsbench.names.catalogue import MODELS

WIDTHS = "512-256-128-64"
CNN_KERNEL, CNN_CHANNELS = 5, (10, 20)


def linear(shape: tuple[int, ...], num_classes: int) -> nn.Sequential:
    """Softmax regression: one affine map from the pixels to the logits."""
    return nn.Sequential(nn.Flatten(), nn.Linear(prod(shape), num_classes))


def mlp(
    shape: tuple[int, ...],
    num_classes: int,
    *,
    widths: str | int = WIDTHS,
    dropout: float = 0.0,
    init: float = 0.0,
) -> nn.Sequential:
    """pixels-512-256-128-64-classes with ReLU between; 784 pixels and 10 classes make the MNIST tutorial's.

    widths: of the hidden layers, whole numbers joined by "-". dropout: at most 0.999, after each hidden ReLU; the
    pixels are never dropped. init: where it is not 0 all weights start from a normal distribution of mean 0 and this
    standard deviation, and all biases from 0; 0.01 is that of Pereyra et al. (2017), whose MNIST net is "1024-1024".
    """
    for name, value in (("widths", widths), ("dropout", dropout), ("init", init)):
        MODELS["mlp"].allowed[name].require(f"{name} of model 'mlp'", value)
    sizes = [prod(shape), *map(int, str(widths).split("-"))]
    hidden = [layer for wide, narrow in pairwise(sizes) for layer in _hidden(wide, narrow, dropout)]
    model = nn.Sequential(nn.Flatten(), *hidden, nn.Linear(sizes[-1], num_classes))
    if init > 0:
        _start_normally(model, init)
    return model


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


def _hidden(wide: int, narrow: int, dropout: float) -> list[nn.Module]:
    layers = [nn.Linear(wide, narrow), nn.ReLU()]
    return [*layers, nn.Dropout(dropout)] if dropout > 0 else layers


def _start_normally(model: nn.Module, sd: float) -> None:
    for layer in model.modules():
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, 0.0, sd)
            nn.init.zeros_(layer.bias)
