"""torchvision's RandAugment for normalised images: what is random is drawn from a generator, and done to all images.

Each operation that moves pixels, or maps each byte to another, is a table that torchvision itself made; so a batch is
changed on its device, whose results nobody waits for, to torchvision's bytes.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from lsbench.errors import InputError

ROUNDING = 1.001
AT_ONCE = 2**20  # numbers of images
MOVES = {"ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate"}  # pixels
MAPS = {"Brightness", "Posterize", "Solarize"}  # each byte to another
BLENDS = {"Color", "Contrast", "Sharpness"}  # with another image
GREY = (0.2989, 0.587, 0.114)  # of red, green and blue, as torchvision has it


class Tables(NamedTuple):
    """What each operation does to images of one size, on one device; rows: twice the operation, + 1 if negative."""

    source: Tensor  # (rows, H W): which pixel each one comes from, from 1; 0: none, it is black
    mapped: Tensor  # (rows, 256) bytes
    share: Tensor  # (rows,): of the image where it is blended with another
    rest: Tensor  # (rows,): 1 - share
    mean: Tensor  # (C, 1, 1), of bytes
    sd: Tensor


class RandAugmentation:
    """Torchvision's own, on images that are made bytes and floats again."""

    def __init__(self, change: Any, mean: Tensor, sd: Tensor) -> None:
        """change: torchvision's; mean, sd (C, 1, 1) of bytes."""
        self._change, self._mean, self._sd = change, mean, sd
        space = change._augmentation_space(change.num_magnitude_bins, (1, 1))
        self._signed = [signed for _, signed in space.values()]
        self._number = {name: i for i, name in enumerate(space)}
        self._tables: dict[tuple[int, int, torch.device], Tables] = {}

    def draw(self, shape: Sequence[int], generator: Generator) -> Tensor:
        """The rows of `Tables` that each image takes, one after the other, (b, operations)."""
        own = Generator().manual_seed(int(torch.randint(2**62, (), generator=generator)))
        drawn = [[self._row(own) for _ in range(self._change.num_ops)] for _ in range(shape[0])]
        return torch.tensor(drawn).view(shape[0], self._change.num_ops)

    def _row(self, generator: Generator) -> int:
        number = int(torch.randint(len(self._signed), (1,), generator=generator))
        return 2 * number + (int(torch.randint(2, (1,), generator=generator)) if self._signed[number] else 0)

    def apply(self, images: Tensor, drawn: Tensor) -> Tensor:
        """The images (b, C, H, W), changed; some at once, as each of their bytes is an index of 8 bytes meanwhile."""
        tables, size = self.tables(images.shape, images.device), max(1, AT_ONCE // images[0].numel())
        parts = zip(images.split(size), drawn.split(size), strict=True)
        return torch.cat([self._applied(own, rows, tables) for own, rows in parts])

    def _applied(self, images: Tensor, drawn: Tensor, tables: Tables) -> Tensor:
        raw = (images.float() * tables.sd + tables.mean).round_().clamp_(0, 255).to(torch.uint8)
        for rows in drawn.unbind(1):
            raw = self._changed(raw, rows, tables)
        return ((raw - tables.mean) / tables.sd).to(images)

    def tables(self, shape: Sequence[int], device: torch.device) -> Tables:
        """Those of images (..., H, W), kept on the device once they are made."""
        height, width = shape[-2:]
        key = (height, width, device)
        if key not in self._tables:
            self._tables[key] = Tables(*(table.to(device) for table in self._made(height, width)))
        return self._tables[key]

    def _made(self, height: int, width: int) -> Tables:
        from torchvision.transforms.autoaugment import _apply_op

        change, number_of_pixels = self._change, height * width
        pixels = torch.arange(1.0, number_of_pixels + 1).view(1, height, width)
        levels = torch.arange(256, dtype=torch.uint8).view(1, 1, 256)
        blends = (
            BLENDS
            - ({"Color"} if len(self._mean) == 1 else set())
            - ({"Sharpness"} if min(height, width) <= 2 else set())
        )
        source, mapped, shares = [], [], []
        for name, (magnitudes, _) in change._augmentation_space(change.num_magnitude_bins, (height, width)).items():
            size = float(magnitudes[change.magnitude]) if magnitudes.ndim else 0.0
            for magnitude in (size, -size):
                options = (magnitude, change.interpolation, None)
                source.append(_apply_op(pixels, name, *options) if name in MOVES else pixels)
                is_map = name in MAPS and (magnitude == size or name == "Brightness")
                mapped.append(_apply_op(levels, name, *options) if is_map else levels)
                shares.append(1.0 + magnitude if name in blends else 1.0)
        return Tables(
            torch.stack(source).flatten(1).long(),
            torch.stack(mapped).flatten(1),
            torch.tensor(shares),
            torch.tensor([1.0 - share for share in shares]),
            self._mean,
            self._sd,
        )

    def _changed(self, raw: Tensor, rows: Tensor, tables: Tables) -> Tensor:
        """Bytes (b, C, H, W), each image by its row (b,)."""
        raw = moved(raw, tables.source.index_select(0, rows))
        raw = tables.mapped.index_select(0, rows).gather(1, raw.flatten(1).long()).view_as(raw)
        share, rest = (table.index_select(0, rows).view(-1, 1, 1, 1) for table in (tables.share, tables.rest))
        kind = (rows // 2).view(-1, 1, 1, 1)
        is_of = {name: kind == self._number[name] for name in (*BLENDS, "AutoContrast", "Equalize")}
        other = torch.where(is_of["Contrast"], contrast(raw), raw.float())
        other = torch.where(is_of["Color"], grey(raw), torch.where(is_of["Sharpness"], blurred(raw), other))
        blended = (share * raw + rest * other).clamp(0, 255).to(torch.uint8)
        stretched = torch.where(is_of["AutoContrast"], autocontrast(raw), blended)
        return torch.where(is_of["Equalize"], equalized(raw), stretched)


def moved(raw: Tensor, source: Tensor) -> Tensor:
    """The pixels of images (b, C, H, W) from where source (b, H W) says; 0 is black, the first pixel is 1."""
    index = source.unsqueeze(1).expand(-1, raw.shape[1], -1)
    return F.pad(raw.flatten(2), (1, 0)).gather(2, index).view_as(raw)


def grey(raw: Tensor) -> Tensor:
    """Floats (b, 1, H, W), whole numbers; images of one channel as they are."""
    if raw.shape[1] == 1:
        return raw.float()
    red, green, blue = (share * channel for share, channel in zip(GREY, raw.unbind(1), strict=True))
    return (red + green + blue).to(torch.uint8).float().unsqueeze(1)


def contrast(raw: Tensor) -> Tensor:
    """The mean grey of each image, (b, 1, 1, 1)."""
    return grey(raw).mean((-3, -2, -1), keepdim=True)


def blurred(raw: Tensor) -> Tensor:
    """Each pixel but those of the border: (the sum of itself and its eight neighbours + 4 x itself) / 13, rounded."""
    result = raw.float()
    if min(raw.shape[-2:]) <= 2:
        return result
    sums = F.avg_pool2d(result, 3, 1, divisor_override=1)
    inner = result[..., 1:-1, 1:-1]
    inner.mul_(4).add_(sums).div_(13).round_()
    return result


def autocontrast(raw: Tensor) -> Tensor:
    """Each channel stretched to 0..255; one that has a single value stays."""
    low, high = (end.float() for end in (raw.amin((-2, -1), keepdim=True), raw.amax((-2, -1), keepdim=True)))
    scale, varies = 255 / (high - low), high > low
    return ((raw - low.where(varies, 0)) * scale.where(varies, 1)).clamp(0, 255).to(torch.uint8)


def equalized(raw: Tensor) -> Tensor:
    """Each channel with about equally many pixels of each value; one of few values stays."""
    values = raw.flatten(2).long()  # (b, C, H W)
    counts = values.new_zeros(*values.shape[:2], 256).scatter_add_(2, values, torch.ones_like(values))
    step = (values.shape[2] - counts.gather(2, values.amax(2, keepdim=True))) // 255
    below = F.pad(counts.cumsum(2), (1, -1))
    level = (below + step // 2).where(below > 0, 0) // step.clamp(min=1)
    mapped = level.clamp(0, 255).gather(2, values)
    return torch.where(step > 0, mapped, values).to(torch.uint8).view_as(raw)


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
