"""Decoded images kept in the cache folder: plain arrays, so that workers and later runs read them at once."""

import hashlib
import json
import os
import shutil
from pathlib import Path
from uuid import uuid4

import numpy as np

from lsbench.data.folder.decode import Broken, Decoded, decode_all
from lsbench.data.folder.listing import Listing
from lsbench.data.folder.progress import say

FORMAT = 3  # grows when the same listing would be decoded to something else
ARRAYS = ("images", "labels", "parts")


def decoded(listing: Listing, size: int | None, skip: bool, cache: Path) -> tuple[Decoded, str]:
    """The images and the hash of their content: from the cache, memory-mapped, or decoded now and then cached.

    Another process that decodes the same images at the same time writes the same files; one of the two is kept. Where
    the cache can't be written, the images are decoded each time.
    """
    place = cache / _key(listing, size, skip)
    cached = _read(place)
    if cached is None:
        made = decode_all(listing, size, skip)
        cached = made, made.content_hash()
        _keep(place, *cached)
    return cached


def _key(listing: Listing, size: int | None, skip: bool) -> str:
    """A hash of every file's name, size and time, of the folder's path, and of how the images are decoded."""
    files = [(p.name, p.part, p.size, p.modified) for p in listing.image_files]
    return hashlib.sha256(repr((FORMAT, str(listing.root), files, size, skip)).encode()).hexdigest()[:32]


def _read(place: Path) -> tuple[Decoded, str] | None:
    """The cached images and their hash; None where the cache has none, or an incomplete one."""
    try:
        described = json.loads((place / "known.json").read_text())
        images, labels, parts = (np.load(place / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in ARRAYS)
        broken = tuple(Broken(*failure) for failure in described["broken"])
        made = Decoded(images, labels, parts, tuple(described["names"]), tuple(described["classes"]), broken)
        return made, described["content"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep(place: Path, made: Decoded, content: str) -> None:
    """Write the files into a folder beside the final one and rename it, so that a reader sees all of them or none."""
    beside = place.with_name(f".{place.name}.{uuid4().hex}")
    try:
        beside.mkdir(parents=True)
        for name in ARRAYS:
            np.save(beside / f"{name}.npy", getattr(made, name), allow_pickle=False)
        described = {"names": made.names, "classes": made.classes, "broken": made.broken, "content": content}
        (beside / "known.json").write_text(json.dumps(described))
        if place.exists() and _read(place) is None:
            shutil.rmtree(place, ignore_errors=True)  # incomplete: its writer was interrupted
        os.replace(beside, place)
    except OSError as error:
        if not place.exists():  # else another process was first
            say(f"can't keep the decoded images in {place.parent} ({error.strerror}); they are decoded again each time")
    finally:
        shutil.rmtree(beside, ignore_errors=True)
