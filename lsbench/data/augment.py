"""Random changes to images on their device: what is random is drawn first, on a CPU, and then done to them.

So all that an epoch draws can be made, and brought to a GPU, before it begins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Generator, Tensor

from lsbench.data.augmentation import Step, parse_augmentation
from lsbench.data.randaugment import RandAugmentation, make_randaugment
from lsbench.errors import InputError


class Change(Protocol):
    """One step of an augmentation."""

    def draw(self, shape: Sequence[int], generator: Generator) -> Tensor:
        """What is random for a batch of this shape (b, C, H, W): (b, numbers), on the CPU."""
        ...

    def apply(self, images: Tensor, drawn: Tensor) -> Tensor:
        """The images (b, C, H, W) so changed; drawn (b, numbers), on their device."""
        ...


@dataclass(frozen=True)
class Augmentation:
    """Changes, one after the other. What is random is drawn from a CPU generator in their order."""

    changes: tuple[Change, ...]

    def draw(self, shape: Sequence[int], generator: Generator) -> tuple[Tensor, ...]:
        """What is random for a batch of this shape (b, C, H, W), (b, numbers) for each change."""
        return tuple(change.draw(shape, generator) for change in self.changes)

    def apply(self, images: Tensor, drawn: Sequence[Tensor]) -> Tensor:
        """The images (b, C, H, W) so changed; those that are given stay as they are."""
        for change, own in zip(self.changes, drawn, strict=True):
            images = change.apply(images, own)
        return images

    def bring(self, shape: Sequence[int], device: torch.device) -> None:
        """What changes of images of this shape look up, to their device, before a step needs it."""
        for change in self.changes:
            if isinstance(change, RandAugmentation):
                change.tables(shape, device)


def make_augment(text: str, mean: Tensor, sd: Tensor) -> Augmentation:
    """The steps of `crop-4,flip` as an augmentation of normalised images.

    images (b, C, H, W), floats; mean, sd (C,): what the raw images were normalised by. Zero is the mean colour, and
    fills what a step leaves empty. Each step draws from the generator in the order of the text; how much depends on
    the batch's size and its images' shape alone.

    `InputError`: as `parse_augmentation`; randaugment of images whose values are neither 0..255 nor 0..1.
    """
    return Augmentation(tuple(_made(step, mean, sd) for step in parse_augmentation(text)))


def _made(step: Step, mean: Tensor, sd: Tensor) -> Change:
    match step.name:
        case "crop":
            return Crop(int(step.numbers[0]))
        case "flip":
            return Flip()
        case "translate":
            return Translation(step.numbers[0])
        case "cutout":
            return Cutout(int(step.numbers[0]))
        case "randaugment":
            operations, magnitude = map(int, step.numbers)
            return make_randaugment(operations, magnitude, mean, sd)
    raise InputError(f"augmentation {step.name!r} is listed, and nothing says how it is made")


@dataclass(frozen=True)
class Crop:
    """A random window, of the image's own size, of the image with `padding` zeros on each side."""

    padding: int

    def draw(self, shape: Sequence[int], generator: Generator) -> Tensor:
        """How far down and to the right the window lies, (b, 2) pixels."""
        return torch.randint(-self.padding, self.padding + 1, (2, shape[0]), generator=generator).T

    def apply(self, images: Tensor, drawn: Tensor) -> Tensor:
        """The windows."""
        return _window(images, *drawn.unbind(1))


@dataclass(frozen=True)
class Translation:
    """A shift by up to floor(fraction * side) whole pixels each way; zeros move in."""

    fraction: float

    def draw(self, shape: Sequence[int], generator: Generator) -> Tensor:
        """How far up and to the left the image moves, (b, 2) pixels."""
        farthest = [int(self.fraction * side) for side in shape[-2:]]
        return torch.stack([torch.randint(-far, far + 1, (shape[0],), generator=generator) for far in farthest], 1)

    def apply(self, images: Tensor, drawn: Tensor) -> Tensor:
        """The moved images."""
        return _window(images, *drawn.unbind(1))


@dataclass(frozen=True)
class Flip:
    """Left and right change places with probability 1/2."""

    def draw(self, shape: Sequence[int], generator: Generator) -> Tensor:
        """Whether they do, (b, 1)."""
        return (torch.rand(shape[0], generator=generator) < 0.5).unsqueeze(1)

    def apply(self, images: Tensor, drawn: Tensor) -> Tensor:
        """The images, some of them flipped."""
        return torch.where(drawn.view(-1, 1, 1, 1), images.flip(3), images)


@dataclass(frozen=True)
class Cutout:
    """A square is zero; its centre is any pixel, so that part of it may lie outside.

    (DeVries and Taylor, 2017)
    """

    side: int

    def draw(self, shape: Sequence[int], generator: Generator) -> Tensor:
        """Its first row and column, (b, 2)."""
        starts = [torch.randint(size, (shape[0], 1), generator=generator) - self.side // 2 for size in shape[-2:]]
        return torch.cat(starts, 1)

    def apply(self, images: Tensor, drawn: Tensor) -> Tensor:
        """The images with their squares."""
        firsts = drawn.split(1, 1)
        rows, columns = (self._covered(size, own) for size, own in zip(images.shape[-2:], firsts, strict=True))
        return images.masked_fill((rows.unsqueeze(2) & columns.unsqueeze(1)).unsqueeze(1), 0)

    def _covered(self, size: int, first: Tensor) -> Tensor:
        """Which rows (or columns) the squares cover, (b, size)."""
        place = torch.arange(size, device=first.device) - first
        return (place >= 0) & (place < self.side)


def _window(images: Tensor, down: Tensor, right: Tensor) -> Tensor:
    """out[y, x] = in[y + down, x + right], or zero outside the image: one gather for the whole batch."""
    height, width = images.shape[-2:]
    y, x = (  # (b, H), (b, W)
        torch.arange(size, device=images.device) + shift.view(-1, 1) for size, shift in ((height, down), (width, right))
    )
    inside = ((y >= 0) & (y < height)).unsqueeze(2) & ((x >= 0) & (x < width)).unsqueeze(1)  # (b, H, W)
    index = y.clamp(0, height - 1).unsqueeze(2) * width + x.clamp(0, width - 1).unsqueeze(1)
    index = index.flatten(1).unsqueeze(1).expand(-1, images.shape[1], -1)
    moved = images.flatten(2).gather(2, index).unflatten(2, (height, width))
    return moved.masked_fill_(~inside.unsqueeze(1), 0)
