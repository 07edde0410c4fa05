"""Near-duplicates of a folder's images, kept in the cache folder beside these."""

import os
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import numpy as np

from lsbench.data.alike.near_duplicates import METHOD, Alike, Level, alike_examples
from lsbench.data.folder.decode import Decoded
from lsbench.data.units import first_with


def alike_images(names: Sequence[str], pixels: Decoded, content: str, cache: Path) -> Alike:
    """Near-duplicates among the images of these names, in their order; an image without pixels stands alone.

    content: the hash of the pixels, by which they are kept. Where the cache can't be written, they are found each time.
    """
    place = cache / "alike" / f"{METHOD}-{content[:32]}.npz"
    alike = _read(place, len(pixels.names)) or _kept(place, alike_examples(pixels.images))
    number_of = dict(zip(pixels.names, alike.numbers.tolist(), strict=True))
    alone = range(len(pixels.names), len(pixels.names) + len(names))
    numbers = [number_of.get(name, own) for name, own in zip(names, alone, strict=True)]
    return Alike(first_with(np.array(numbers, np.int64)), alike.level)


def _read(place: Path, count: int) -> Alike | None:
    try:
        with np.load(place, allow_pickle=False) as kept:
            numbers, level = kept["numbers"], kept["level"].tolist()
    except (OSError, ValueError, KeyError, EOFError):
        return None
    return Alike(numbers, Level(level[0], int(level[1])) if level else None) if len(numbers) == count else None


def _kept(place: Path, alike: Alike) -> Alike:
    """The same, written whole or not at all."""
    beside = place.with_name(f".{place.name}.{uuid4().hex}.npz")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        np.savez(beside, numbers=alike.numbers, level=np.array(alike.level or (), float))
        os.replace(beside, place)
    except OSError:  # a full or read-only disk: image_cache has said so
        beside.unlink(missing_ok=True)
    return alike
