"""torchvision's RandAugment for normalised images, with its draws taken from a generator."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

import torch
from torch import Generator, Tensor

from lsbench.errors import InputError

ROUNDING = 1.001


@dataclass(frozen=True)
class RandAugmentation:
    """Torchvision's own, image by image, on the CPU: it takes bytes, so the images are made bytes and floats again.

    So images of a GPU go to the CPU and come back in each step.
    """

    change: Callable[[Tensor], Tensor]  # of one image of bytes; draws from torch's global generator
    mean: Tensor  # (C, 1, 1), of bytes
    sd: Tensor

    def draw(self, shape: Sequence[int], generator: Generator) -> Tensor:
        """The seed of the batch's draws, (b, 1), the same for each image."""
        return torch.randint(2**62, (), generator=generator).expand(shape[0], 1)

    def apply(self, images: Tensor, drawn: Tensor) -> Tensor:
        """The images (b, C, H, W), changed; neighbours of one seed are one batch."""
        seeds = drawn.flatten().tolist()
        sizes = [len(list(batch)) for _, batch in groupby(seeds)]
        starts = [seeds[end - size] for size, end in zip(sizes, accumulate(sizes), strict=True)]
        return torch.cat([self._changed(own, seed) for own, seed in zip(images.split(sizes), starts, strict=True)])

    def _changed(self, images: Tensor, seed: int) -> Tensor:
        raw = (images.to("cpu", torch.float32) * self.sd + self.mean).round_().clamp_(0, 255).to(torch.uint8)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            changed = torch.stack([self.change(image) for image in raw])
        return ((changed - self.mean) / self.sd).to(images)


def make_randaugment(operations: int, magnitude: int, mean: Tensor, sd: Tensor) -> RandAugmentation:
    """Torchvision's RandAugment with as many operations of this magnitude.

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
    mean, sd = (values.view(-1, 1, 1).cpu() * (255 / top) for values in (mean, sd))
    return RandAugmentation(RandAugment(operations, magnitude), mean, sd)


def _listed(mean: Tensor, sd: Tensor) -> str:
    return ", ".join(f"{m:.3g} ± {s:.3g}" for m, s in zip(mean.tolist(), sd.tolist(), strict=True))
