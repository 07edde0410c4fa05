"""What a model sees of examples: mean 0 and standard deviation 1 over the training set, per channel or per column."""

from math import sqrt

import numpy as np
import torch
from torch import Tensor

from lsbench.data.splits import AT_ONCE, IMAGE_DIMENSIONS, Array, Splits

LEAST_SD = 1e-20  # of a column: a value of 1e18 over it is a number of float32 still

Standardised = tuple[Tensor, Tensor, Tensor, Tensor]  # training and validation, test, mean, standard deviation


def standardised(splits: Splits) -> Standardised:
    """Training and test examples in float32, shifted and scaled by mean and standard deviation, and these two.

    Both are of the training examples alone; the validation examples follow these.
    """
    return _images(splits) if splits.train_images.ndim == IMAGE_DIMENSIONS else _vectors(splits)


def _images(splits: Splits) -> Standardised:
    """Per channel."""
    images, test = _floats(splits.train_images, splits.val_images), _floats(splits.test_images)
    train = images[: len(splits.train_images)]
    mean = train.mean(dim=(0, 2, 3), keepdim=True)
    images.sub_(mean)
    norms = torch.linalg.vector_norm(train, dim=(2, 3)).double()  # per image: 10^8 squares in float32 don't add up
    sd = (norms.square().sum(0) / (train.numel() / train.shape[1])).sqrt().clamp_min(1e-6)
    sd = sd.to(torch.float32).view(1, -1, 1, 1)
    return images.div_(sd), test.sub_(mean).div_(sd), mean.flatten(), sd.flatten()


def _floats(*parts: Array | None) -> Tensor:
    """One new float32 tensor of all parts: the only copy, and no change to what the user's function gave."""
    given = [np.asarray(part) for part in parts if part is not None]
    whole = torch.empty((sum(map(len, given)), *given[0].shape[1:]))
    np.concatenate(given, out=whole.numpy(), casting="unsafe")
    return whole


def _vectors(splits: Splits) -> Standardised:
    """Per column, whose mean is taken off in float64: a date in seconds keeps its digits. No spread: divided by 1."""
    mean = np.asarray(splits.train_images).mean(0, dtype=np.float64)
    vectors, test = _shifted(mean, splits.train_images, splits.val_images), _shifted(mean, splits.test_images)
    train = vectors[: len(splits.train_images)]
    sd = torch.linalg.vector_norm(train, dim=0, dtype=torch.float64).div_(sqrt(len(train))).clamp_min_(LEAST_SD)
    sd[train.amin(0) == train.amax(0)] = 1.0
    sd = sd.to(torch.float32)
    return vectors.div_(sd), test.div_(sd), torch.from_numpy(mean).to(torch.float32), sd


def _shifted(mean: np.ndarray, *parts: Array | None) -> Tensor:
    """One new float32 tensor of all parts less the mean (d,); a memory-mapped part is read block by block."""
    given = [np.asarray(part) for part in parts if part is not None]
    whole = np.empty((sum(map(len, given)), len(mean)), np.float32)
    row = 0
    for part in given:
        for start in range(0, len(part), AT_ONCE):
            block = part[start : start + AT_ONCE]
            np.subtract(block, mean, out=whole[row : row + len(block)], casting="unsafe")
            row += len(block)
    return torch.from_numpy(whole)
