"""Pictures as bytes for a page: small images enlarged smoothly, large ones reduced, no metadata."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lsbench.data.folder.image_file import GREY, read_upright
from lsbench.data.items.item import JPEG, PNG, Shown

SMALL = 64  # pixels: images up to it are enlarged, smoothly: people see more in them than in squares of one colour
ENLARGED = 256  # pixels that they get at most
QUALITIES = (88, 80, 70, 60)  # of a JPEG; the first that is small enough is taken
FEW_COLOURS = 256  # of drawings, scans and grey images, which PNG may hold in few bytes
RGB = 3  # channels


def file_picture(path: str, side: int) -> Shown:
    """An image file upright, with both sides at most `side`; one of `BROKEN` for what is no whole image."""
    image = read_upright(path, side, side)
    return encoded(image.convert("L" if image.mode in GREY else "RGB"), side)


def array_picture(pixels: NDArray[np.uint8], side: int) -> Shown:
    """Bytes (channels, h, w): one channel is grey, three are red, green, blue; others are shown side by side, grey."""
    if len(pixels) == RGB:
        return encoded(Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0))), side)
    return encoded(Image.fromarray(np.concatenate(list(pixels), axis=1)), side)


def as_bytes(values: NDArray[np.generic], low: float, high: float) -> NDArray[np.uint8]:
    """Values of an image as 0..255; floats with `low` as black and `high` as white, bytes as they are."""
    if values.dtype == np.uint8:
        return values.astype(np.uint8)
    spread = (high - low) or 1.0
    return np.rint((values.astype(np.float64) - low) / spread * 255).clip(0, 255).astype(np.uint8)


def encoded(image: Image.Image, side: int) -> Shown:
    """The image as PNG or JPEG; of a photograph at most about `side`² / 8 bytes."""
    longest = max(image.size)
    if longest <= SMALL:
        image = _enlarged(image, max(1, min(side, ENLARGED) // longest))
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    if image.getcolors(FEW_COLOURS) and len((png := _png(image)).picture or b"") <= _budget(side):
        return png
    return _jpeg(image, _budget(side))


def _budget(side: int) -> int:
    """Bytes of a picture."""
    return 2000 + side * side // 8


def _enlarged(image: Image.Image, factor: int) -> Image.Image:
    return image.resize((image.width * factor, image.height * factor), Image.Resampling.BICUBIC)


def _png(image: Image.Image) -> Shown:
    return Shown(_saved(image, "PNG", optimize=True), PNG)


def _jpeg(image: Image.Image, budget: int) -> Shown:
    content = b""
    for quality in QUALITIES:
        content = _saved(image, "JPEG", quality=quality, optimize=True, progressive=True)
        if len(content) <= budget:
            break
    return Shown(content, JPEG)


def _saved(image: Image.Image, form: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, form, **options)
    return file.getvalue()
