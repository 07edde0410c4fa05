"""Residual networks (He et al., 2016, "Deep residual learning for image recognition").

Every convolution has no bias and is followed by batch normalisation; a block is two 3x3 convolutions. Where a block
changes width or resolution its shortcut is a 1x1 convolution with batch normalisation (the paper's option B; its own
CIFAR nets used option A, zero padding), elsewhere the identity. Convolutions start from Kaiming's normal distribution
with fan_out (He et al., 2015; torchvision does likewise), all else from torch's own initialisation.
"""

from itertools import pairwise

from torch import nn

from lsbench.errors import InputError
from lsbench.models.residual import Residual

SMALLEST = 8  # pixels per side
CIFAR_WIDTHS = (16, 32, 64)
IMAGENET_WIDTHS = (64, 128, 256, 512)


def resnet8(shape: tuple[int, ...], num_classes: int) -> nn.Sequential:
    """The CIFAR net with 6n + 2 layers for n = 1: widths 16-32-64, one block each (section 4.2)."""
    return _resnet("resnet8", shape, num_classes, CIFAR_WIDTHS, blocks=1)


def resnet20(shape: tuple[int, ...], num_classes: int) -> nn.Sequential:
    """The CIFAR net with 6n + 2 layers for n = 3: widths 16-32-64, three blocks each (section 4.2)."""
    return _resnet("resnet20", shape, num_classes, CIFAR_WIDTHS, blocks=3)


def resnet18(shape: tuple[int, ...], num_classes: int) -> nn.Sequential:
    """ResNet-18 in its form for 32x32 images: a 3x3 stem of stride 1, no max-pool, widths 64 to 512 (table 1)."""
    return _resnet("resnet18", shape, num_classes, IMAGENET_WIDTHS, blocks=2)


def resnet34(shape: tuple[int, ...], num_classes: int) -> nn.Sequential:
    """ResNet-34 in the same form: 3, 4, 6 and 3 blocks of widths 64 to 512 (table 1)."""
    return _resnet("resnet34", shape, num_classes, IMAGENET_WIDTHS, blocks=(3, 4, 6, 3))


def _resnet(
    name: str, shape: tuple[int, ...], num_classes: int, widths: tuple[int, ...], blocks: int | tuple[int, ...]
) -> nn.Sequential:
    channels, *size = shape
    if len(size) != 2 or min(size) < SMALLEST:
        got = "x".join(map(str, size))
        raise InputError(f"model {name!r} needs images of at least {SMALLEST}x{SMALLEST} pixels, got {got}; try 'mlp'")
    counts = [blocks] * len(widths) if isinstance(blocks, int) else blocks
    stages = [
        layer
        for (narrow, wide), count in zip(pairwise((widths[0], *widths)), counts, strict=True)
        for layer in (_block(narrow, wide), *(_block(wide, wide) for _ in range(count - 1)))
    ]
    model = nn.Sequential(
        *_convolve(channels, widths[0], 3),
        nn.ReLU(),
        *stages,
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(widths[-1], num_classes),
    )
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return model


def _block(narrow: int, wide: int) -> Residual:
    """Two 3x3 convolutions; one that widens also halves the resolution."""
    stride = 1 if narrow == wide else 2
    body = nn.Sequential(*_convolve(narrow, wide, 3, stride), nn.ReLU(), *_convolve(wide, wide, 3))
    return Residual(body, nn.Identity() if narrow == wide else nn.Sequential(*_convolve(narrow, wide, 1, stride)))


def _convolve(narrow: int, wide: int, kernel: int, stride: int = 1) -> tuple[nn.Module, nn.Module]:
    return nn.Conv2d(narrow, wide, kernel, stride, padding=kernel // 2, bias=False), nn.BatchNorm2d(wide)
