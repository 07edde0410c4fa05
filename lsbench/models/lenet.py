"""LeNet-5 (LeCun et al., 1998, "Gradient-based learning applied to document recognition", figure 2)."""

from math import prod

from torch import nn

from lsbench.errors import InputError

LARGE = 32  # pixels per side, the paper's; smaller images are padded by 2, with which 28x28 make the same net
SMALLEST = 12


def lenet5(shape: tuple[int, ...], num_classes: int) -> nn.Sequential:
    """5x5 conv 6, pool, 5x5 conv 16, pool, fully connected 120, 84, classes; ReLU after all but the last.

    Its usual form today: ReLU for tanh, 2x2 max-pooling for trained subsampling, all of the 6 maps seen by all of the
    16, softmax for radial basis functions. 32x32 images enter as they are, as in the paper; those with a side below 32
    get a border of 2 zeros, so 28x28 make the same net: 61,706 parameters for one channel and 10 classes.
    """
    channels, *size = shape
    if len(size) != 2 or min(size) < SMALLEST:
        got = "x".join(map(str, size))
        raise InputError(f"model 'lenet5' needs images of at least {SMALLEST}x{SMALLEST} pixels, got {got}; try 'mlp'")
    border = 2 if min(size) < LARGE else 0
    final = [((side + 2 * border - 4) // 2 - 4) // 2 for side in size]
    return nn.Sequential(
        nn.Conv2d(channels, 6, 5, padding=border),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * prod(final), 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, num_classes),
    )
