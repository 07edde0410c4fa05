"""A data set as training sees it: whole, in memory, normalised, checked."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor

from lsbench.catalogue import DATASETS
from lsbench.data.sources import find_files
from lsbench.data.splits import Splits
from lsbench.errors import InputError
from lsbench.registry import load as load_reference
from lsbench.registry import lookup
from lsbench.seeding import stream


@dataclass(frozen=True)
class Dataset:
    """Images are float32 with mean 0 and standard deviation 1 per channel over the training set."""

    name: str
    images: Tensor  # (n, channels, height, width)
    labels: Tensor  # (n,), int64, as published
    test_images: Tensor
    test_labels: Tensor
    num_classes: int

    @property
    def shape(self) -> tuple[int, ...]:
        """(channels, height, width) of one image."""
        return tuple(self.images.shape[1:])


@lru_cache(maxsize=2)
def load(name: str, data_dir: Path | None = None) -> Dataset:
    """The data set of that name; read once per process."""
    entry = lookup(DATASETS, "data set", name)
    splits = load_reference(entry.ref)(find_files(name, data_dir) if entry.files else ())
    _check(name, splits, entry.num_classes)
    images, test_images = _normalised(splits.train_images, splits.test_images)
    return Dataset(name, images, splits.train_labels, test_images, splits.test_labels, entry.num_classes)


def split(n: int, val: float, seed: int, train_size: int | None = None) -> tuple[Tensor, Tensor]:
    """Indices (train, val): the last fraction `val` of a permutation from the seed's stream `split` is held out.

    With `val` 0 nothing is held out. `train_size` keeps only the first so many of the training indices.
    """
    order = torch.randperm(n, generator=stream(seed, "split"))
    train, held_out = order.split([n - int(val * n), int(val * n)])
    return train[:train_size], held_out


def _normalised(train: Tensor, test: Tensor) -> tuple[Tensor, Tensor]:
    """Both in float32, shifted and scaled by the training set's mean and standard deviation per channel."""
    train, test = (images.to(torch.float32) for images in (train, test))
    mean = train.mean(dim=(0, 2, 3), keepdim=True)
    train, test = train.sub_(mean), test - mean
    norms = torch.linalg.vector_norm(train, dim=(2, 3)).double()  # per image: 10^8 squares in float32 don't add up
    sd = (norms.square().sum(0) / (train.numel() / train.shape[1])).sqrt().clamp_min(1e-6)
    sd = sd.to(torch.float32).view(1, -1, 1, 1)
    return train.div_(sd), test.div_(sd)


def _check(name: str, splits: Splits, num_classes: int) -> None:
    for part, images, labels in (("training", *splits[:2]), ("test", *splits[2:])):
        if len(images) != len(labels):
            raise InputError(f"the {part} set of {name!r} has {len(images)} images but {len(labels)} labels")
        if labels.min() < 0 or labels.max() >= num_classes:
            raise InputError(
                f"the {part} labels of {name!r} run from {labels.min()} to {labels.max()};"
                f" with {num_classes} classes they must lie in 0..{num_classes - 1}"
            )
