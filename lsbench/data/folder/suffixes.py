"""Which files of a folder are images: those that the installed Pillow decodes, by their suffix."""

import os
from collections import Counter
from collections.abc import Iterable
from functools import cache

DRAWN_BY_OTHERS = ("PDF", "MPEG", "EPS", "WMF", "BUFR", "GRIB", "HDF5")  # known to Pillow, but not decoded by it alone
FLOATS = ("pfm",)  # pixels without a known range
UNMENTIONED = ("thumbs.db", "desktop.ini")  # written by systems into any folder; those that begin with . are hidden


@cache
def readable() -> frozenset[str]:
    """The suffixes of images that Pillow decodes here, without the dot, in small letters."""
    from PIL import Image

    formats = Image.registered_extensions()  # which imports all of Pillow's formats first
    decoded = {*Image.OPEN, "MPO"} - {*DRAWN_BY_OTHERS}  # the last is opened as a JPEG
    return frozenset(suffix[1:].lower() for suffix, kind in formats.items() if kind in decoded) - {*FLOATS}


def suffix_of(path: str) -> str:
    """What follows the last dot of a file's name, in small letters; "" where there is none."""
    return os.path.splitext(os.path.basename(path))[1][1:].lower()


def is_image(path: str) -> bool:
    """Whether Pillow decodes files of that suffix."""
    return suffix_of(path) in readable()


def is_hidden(name: str) -> bool:
    """Whether a file or folder is a system's or an archive's, and nobody's data."""
    return name.startswith(".") or name in ("__MACOSX", "__pycache__") or name.lower() in UNMENTIONED


def count_suffixes(paths: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """(suffix, count), the most frequent first."""
    counts = Counter(map(suffix_of, paths))
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def in_words(counts: Iterable[tuple[str, int]]) -> str:
    """2 .heic, 1 .txt, 1 without a suffix."""
    return ", ".join(f"{count:,} {f'.{suffix}' if suffix else 'without a suffix'}" for suffix, count in counts)
