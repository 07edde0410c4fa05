"""One image file, whatever its kind, as bytes of a wanted size and colour."""

import struct
import zlib
from typing import BinaryIO, NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.TiffImagePlugin import IMAGELENGTH, IMAGEWIDTH

from lsbench.data.folder.png import has_late_chunks

GREY = ("1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N")  # Pillow's names of kinds without colour
ORIENTATION, ON_ITS_SIDE = 0x0112, (5, 6, 7, 8)  # in EXIF
BROKEN = (  # what Pillow raises for a file that is no whole image
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    EOFError,
    LookupError,
    OverflowError,
    AttributeError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


class Header(NamedTuple):
    """What a file's header says."""

    height: int
    width: int
    is_grey: bool


def read_header(path: str) -> Header:
    """Size, as `decode` sees it, and colour, from the header alone; one of `BROKEN` for what is no image."""
    with Image.open(path) as image:
        width, height = _stored_size(image)
        if _orientation(image, path) in ON_ITS_SIDE:
            width, height = height, width
        return Header(height, width, image.mode in GREY)


def _stored_size(image: Image.Image) -> tuple[int, int]:
    """(width, height) of the pixels as they lie in the file: some Pillows turn a TIFF's in the header already."""
    tags = getattr(image, "tag_v2", None) if image.format == "TIFF" else None
    return (tags[IMAGEWIDTH], tags[IMAGELENGTH]) if tags else image.size


def _orientation(image: Image.Image, path: str) -> int:
    """The one that `ImageOps.exif_transpose` turns by, 1 to 8.

    That of a PNG may come after its pixels, so Pillow decodes all of it first; here only where something comes there.
    """
    is_png = image.format == "PNG" and not has_late_chunks(path)
    exif = Image.Image.getexif(image) if is_png else image.getexif()
    return exif.get(ORIENTATION, 1)


def decode(path: str, height: int, width: int, is_grey: bool) -> np.ndarray:
    """Bytes (1, height, width) or (3, height, width): upright, scaled to cover the size, and cut to its middle."""
    image = read_upright(path, 2 * width, 2 * height).convert("L" if is_grey else "RGB")
    if image.size != (width, height):
        image = ImageOps.fit(image, (width, height), Image.Resampling.BILINEAR)
    pixels = np.asarray(image)
    return pixels[None] if is_grey else pixels.transpose(2, 0, 1)


def read_upright(file: str | BinaryIO, width: int, height: int) -> Image.Image:
    """The image as people see it, of 8 bits a colour; one of `BROKEN` for what is no whole image.

    16 bits become the upper 8; transparency shows white; of an animation the first image is taken. A JPEG that is
    larger than width and height is decoded at a fraction of its size, which is not below them.
    """
    with _opened(file) as image:
        image.draft(None, (width, height))
        return _without_alpha(_eight_bits(ImageOps.exif_transpose(image)))


def _opened(file: str | BinaryIO) -> Image.Image:
    """Pillow names a stream by its place in memory, which says nothing to anybody."""
    try:
        return Image.open(file)
    except UnidentifiedImageError as error:
        raise UnidentifiedImageError("cannot identify image file") from error


def _eight_bits(image: Image.Image) -> Image.Image:
    """Integers of 16 bits to 0..255; others that a byte can't hold are refused."""
    if image.mode == "F":
        raise ValueError("its pixels are floats, which have no known range")
    if not image.mode.startswith("I"):
        return image
    pixels = np.asarray(image)
    if pixels.min() < 0 or pixels.max() > 65535:
        raise ValueError("its pixels have more than 16 bits")
    return Image.fromarray((pixels.astype(np.uint32) // 257).astype(np.uint8))


def _without_alpha(image: Image.Image) -> Image.Image:
    """On white, as a page would show it: what lies under transparent pixels is often black."""
    if not image.has_transparency_data:
        return image
    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
