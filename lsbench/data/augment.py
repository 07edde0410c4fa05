"""Random changes to a batch of images, on their device, from a generator's draws alone."""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from lsbench.data.augmentation import Step, parse_augmentation
from lsbench.data.randaugment import make_randaugment
from lsbench.errors import InputError

Augment = Callable[[Tensor, Generator], Tensor]  # images (b, C, H, W) -> the same shape


def make_augment(text: str, mean: Tensor, sd: Tensor) -> Augment:
    """The steps of `crop-4,flip`, one after the other, as a function of normalised images and a CPU generator.

    images (b, C, H, W), floats; mean, sd (C,): what the raw images were normalised by. Zero is the mean colour, and
    fills what a step leaves empty. Each step draws from the generator in the order of the text; how much depends on
    the batch's size and its images' shape alone. The images that are given stay as they are.

    `InputError`: as `parse_augmentation`; randaugment of images whose values are neither 0..255 nor 0..1.
    """
    steps = [_made(step, mean, sd) for step in parse_augmentation(text)]

    def augment(images: Tensor, generator: Generator) -> Tensor:
        for step in steps:
            images = step(images, generator)
        return images

    return augment


def _made(step: Step, mean: Tensor, sd: Tensor) -> Augment:
    match step.name:
        case "crop":
            return lambda images, generator: crop(images, int(step.numbers[0]), generator)
        case "flip":
            return flip
        case "translate":
            return lambda images, generator: translate(images, step.numbers[0], generator)
        case "cutout":
            return lambda images, generator: cutout(images, int(step.numbers[0]), generator)
        case "randaugment":
            operations, magnitude = map(int, step.numbers)
            return make_randaugment(operations, magnitude, mean, sd)
    raise InputError(f"augmentation {step.name!r} is listed, and nothing says how it is made")


def crop(images: Tensor, padding: int, generator: Generator) -> Tensor:
    """A random window, of the image's own size, of the image with `padding` zeros on each side."""
    down, right = torch.randint(-padding, padding + 1, (2, len(images)), generator=generator)
    return _window(images, down, right)


def translate(images: Tensor, fraction: float, generator: Generator) -> Tensor:
    """Shifted by up to floor(fraction * side) whole pixels each way; zeros move in."""
    height, width = (int(fraction * side) for side in images.shape[-2:])
    down = torch.randint(-height, height + 1, (len(images),), generator=generator)
    right = torch.randint(-width, width + 1, (len(images),), generator=generator)
    return _window(images, down, right)


def flip(images: Tensor, generator: Generator) -> Tensor:
    """Left and right change places with probability 1/2."""
    heads = torch.rand(len(images), generator=generator) < 0.5
    return torch.where(heads.to(images.device).view(-1, 1, 1, 1), images.flip(3), images)


def cutout(images: Tensor, side: int, generator: Generator) -> Tensor:
    """A square is zero; its centre is any pixel, so that part of it may lie outside.

    (DeVries and Taylor, 2017)
    """
    rows, columns = (_strip(images, dim, side, generator) for dim in (2, 3))
    return images.masked_fill((rows.unsqueeze(2) & columns.unsqueeze(1)).unsqueeze(1), 0)


def _strip(images: Tensor, dim: int, side: int, generator: Generator) -> Tensor:
    """Which rows (or columns) the squares cover, (b, size)."""
    size = images.shape[dim]
    first = torch.randint(size, (len(images), 1), generator=generator) - side // 2
    place = torch.arange(size) - first
    return ((place >= 0) & (place < side)).to(images.device)


def _window(images: Tensor, down: Tensor, right: Tensor) -> Tensor:
    """out[y, x] = in[y + down, x + right], or zero outside the image: one gather for the whole batch."""
    (height, width), device = images.shape[-2:], images.device
    y, x = torch.arange(height) + down.view(-1, 1), torch.arange(width) + right.view(-1, 1)  # (b, H), (b, W)
    inside = ((y >= 0) & (y < height)).unsqueeze(2) & ((x >= 0) & (x < width)).unsqueeze(1)  # (b, H, W)
    index = y.clamp(0, height - 1).unsqueeze(2) * width + x.clamp(0, width - 1).unsqueeze(1)
    index = index.flatten(1).to(device).unsqueeze(1).expand(-1, images.shape[1], -1)
    moved = images.flatten(2).gather(2, index).unflatten(2, (height, width))
    return moved.masked_fill_(~inside.to(device).unsqueeze(1), 0)
