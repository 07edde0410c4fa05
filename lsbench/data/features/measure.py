"""Running a network on images, and what is asked of it before it is run on many."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lsbench.data.features.prepare import is_near
from lsbench.data.features.preprocessing import COLOURS, Preprocessing
from lsbench.errors import InputError, shown

SEED = 0  # of the images of noise that a network is tried on


def normalised(images: np.ndarray, how: Preprocessing, device: Any = "cpu") -> Tensor:
    """(pixel - mean) / sd of bytes, or floats in 0..1, (n, size, size, 3) as (n, 3, size, size), channels last."""
    unit = 255.0 if images.dtype == np.uint8 else 1.0
    pixels = torch.from_numpy(images).to(device).permute(0, 3, 1, 2).float()
    mean, sd = (torch.tensor(numbers, device=device).view(1, COLOURS, 1, 1) for numbers in (how.mean, how.sd))
    return pixels.div_(unit).sub_(mean).div_(sd)


def ask(what: str, module: nn.Module, images: Tensor) -> Tensor:
    """The module's features (n, d) of normalised images, float32; an `InputError` says what it does instead."""
    try:
        with torch.inference_mode():
            features = module(images)
    except Exception as error:  # whatever somebody's module raises, they are told in a sentence
        raise InputError(
            f"the network {what} failed on images {tuple(images.shape)}: {type(error).__name__}: {error}"
        ) from error
    if not isinstance(features, Tensor) or features.dim() != 2 or len(features) != len(images):
        raise InputError(
            f"the network {what} must return a tensor of {len(images)} rows, a vector of each image; got"
            f" {_shape(features)}: leave out its last layers, or add a pooling and flatten(1)"
        )
    return features.float()


def noise(how: Preprocessing) -> Tensor:
    """Two normalised images of noise, always the same."""
    size = (2, how.size, how.size, COLOURS)
    return normalised(np.random.default_rng(SEED).integers(0, 256, size, np.uint8), how)


def checked_width(what: str, module: nn.Module, how: Preprocessing) -> int:
    """How many numbers the network makes of an image.

    `InputError` where it can't be asked, its features of images of noise are not finite, other ones the second time
    (a dropout that is left on), or other ones beside another image (a norm of the batch).
    """
    images = noise(how)
    features = ask(what, module, images)
    if not features.shape[1]:
        raise InputError(f"the network {what} returns vectors without numbers")
    if not features.isfinite().all():
        raise InputError(f"the network {what} makes NaN or inf of an image; see its weights and its mean and sd")
    if not is_near(ask(what, module, images), features):
        raise InputError(
            f"the network {what} makes other features of the same images the second time; leave out its dropout and"
            " whatever else it draws"
        )
    if not is_near(ask(what, module, images[:1]), features[:1]):
        raise InputError(f"the features that the network {what} makes of an image depend on the others of its batch")
    return features.shape[1]


def _shape(value: Any) -> str:
    return f"shape {tuple(value.shape)}" if isinstance(value, Tensor) else f"a {type(value).__name__}, {shown(value)}"
