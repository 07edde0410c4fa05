"""How an image of a folder becomes pixels: its size, its channels, and which way up it is."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from lsbench.data.dataset import load
from lsbench.data.folder.image_file import decode, read_header
from lsbench.data.folder.png import has_late_chunks
from lsbench.data.folder.suffixes import readable
from tests.data.folder_cases import SIDE, picture, tree

pytestmark = pytest.mark.usefixtures("cache")


def test_sizes_are_their_own_if_shared_and_small_else_64_or_what_was_asked(tmp_path):
    root = tree(tmp_path / "a", count=3)
    assert load(f"{root}:size=9").shape == (3, 9, 9)
    picture(root / "cat/wide.png", 3, size=(10, 20))
    assert load(str(root)).shape == (3, 64, 64)
    large = tmp_path / "b"
    for name in "xy":
        for i in range(2):
            picture(large / name / f"{i}.png", i, size=(300, 280))
    assert load(str(large)).shape == (3, 64, 64)
    assert load(f"{large}:size=280").shape == (3, 280, 280)


def test_grey_images_have_one_channel_and_mixed_ones_three(tmp_path):
    for name in "ab":
        for i in range(3):
            picture(tmp_path / name / f"{i}.png", 10 * i, mode="L")
    assert load(str(tmp_path)).shape == (1, SIDE, SIDE)
    picture(tmp_path / "a/colour.png", 9)
    assert load(str(tmp_path)).shape == (3, SIDE, SIDE)


def test_pixels_are_those_that_pillow_shows(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    assert np.array_equal(decode(str(tmp_path / "a.png"), 5, 7, False), pixels.transpose(2, 0, 1))
    clear = np.dstack([pixels, np.zeros((5, 7), np.uint8)])
    Image.fromarray(clear).save(tmp_path / "clear.png")
    assert (decode(str(tmp_path / "clear.png"), 5, 7, False) == 255).all()  # transparency shows white
    deep = (np.arange(35, dtype=np.uint16).reshape(5, 7) * 257).astype(np.uint16)
    Image.fromarray(deep).save(tmp_path / "deep.png")
    assert np.array_equal(decode(str(tmp_path / "deep.png"), 5, 7, True)[0], np.arange(35).reshape(5, 7))


def turned(path, orientation, **options):
    """A picture of 16 x 8 colours, saved with that EXIF orientation."""
    pixels = np.random.default_rng(0).integers(0, 256, (8, 16, 3), dtype=np.uint8)
    image = Image.fromarray(pixels)
    exif = image.getexif()
    exif[0x0112] = orientation
    image.save(path, exif=exif, **options)
    return str(path)


KEEP_EXIF = {"png": {}, "apng": {}, "jpg": {}, "mpo": {}, "webp": {"lossless": True}, "tif": {}, "avif": {}}


WITHOUT = {name: {} for name in ("bmp", "dib", "gif", "ppm", "tga", "pcx", "sgi", "jp2")}


WITHOUT["ico"] = {"sizes": [(16, 8)]}  # its default sizes are squares


FORMATS = {**KEEP_EXIF, "tiff": {"compression": "tiff_lzw"}, **WITHOUT}


@pytest.mark.parametrize("suffix", FORMATS)
def test_in_every_format_an_image_is_turned_as_its_orientation_says_in_header_and_pixels_alike(tmp_path, suffix):
    if suffix not in readable():
        pytest.skip(f"this Pillow does not decode {suffix}")
    sizes = set()
    for orientation in range(1, 9):
        path = turned(tmp_path / f"{orientation}.{suffix}", orientation, **FORMATS[suffix])
        with Image.open(path) as image:
            expected = np.asarray(ImageOps.exif_transpose(image).convert("RGB")).transpose(2, 0, 1)
        header = read_header(path)
        assert (3, header.height, header.width) == expected.shape, orientation
        assert np.array_equal(decode(path, header.height, header.width, False), expected), orientation
        sizes.add(expected.shape)
    assert len(sizes) == 1 + (suffix not in WITHOUT)


@pytest.mark.parametrize("suffix", ["webp", "png", "tif"])
def test_a_folder_of_images_that_lie_on_their_sides_is_not_cut(tmp_path, suffix):
    for name in "ab":
        for i in range(3):
            (tmp_path / name).mkdir(exist_ok=True)
            turned(tmp_path / name / f"{i}.{suffix}", 6)
    assert load(str(tmp_path)).shape == (3, 16, 8)


def test_an_orientation_behind_the_pixels_of_a_png_is_found(tmp_path):
    path = Path(turned(tmp_path / "a.png", 6))
    content = path.read_bytes()
    start = content.index(b"eXIf") - 4
    end = start + 12 + int.from_bytes(content[start : start + 4], "big")
    last = content.index(b"IEND") - 4
    path.write_bytes(content[:start] + content[end:last] + content[start:end] + content[last:])
    assert read_header(str(path))[:2] == (16, 8)
    assert not has_late_chunks(turned(tmp_path / "b.png", 6))
