"""torchvision's RandAugment for normalised images, with its draws taken from a generator."""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from lsbench.errors import InputError

ROUNDING = 1.001


def make_randaugment(
    operations: int, magnitude: int, mean: Tensor, sd: Tensor
) -> Callable[[Tensor, Generator], Tensor]:
    """Torchvision's own, image by image, on the CPU: it takes bytes, so the images are made bytes and floats again.

    mean, sd (C,) of raw images in 0..255, or in 0..1. `InputError` for others, and unless C is 1 or 3.

    (Cubuk et al., 2020)
    """
    from torchvision.transforms import RandAugment

    top = 255 if mean.max() > 1 else 1  # a training set of bytes with a mean below 1 of 255 would be black
    most = mean * (top - mean)  # of a variance, where all values lie in [0, top]
    if len(mean) not in (1, 3) or not (sd.square() <= most * ROUNDING).all():
        raise InputError(
            "randaugment needs grey or RGB images of 0..255 or 0..1,"
            f" got {len(mean)} channels of mean ± sd {_listed(mean, sd)}; leave it out"
        )
    change = RandAugment(operations, magnitude)
    mean, sd = mean.view(-1, 1, 1).cpu() * (255 / top), sd.view(-1, 1, 1).cpu() * (255 / top)

    def randaugment(images: Tensor, generator: Generator) -> Tensor:
        seed = int(torch.randint(2**62, (), generator=generator))
        raw = (images.to("cpu", torch.float32) * sd + mean).round_().clamp_(0, 255).to(torch.uint8)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            changed = torch.stack([change(image) for image in raw])
        return ((changed - mean) / sd).to(images)

    return randaugment


def _listed(mean: Tensor, sd: Tensor) -> str:
    return ", ".join(f"{m:.3g} ± {s:.3g}" for m, s in zip(mean.tolist(), sd.tolist(), strict=True))
