"""Decoded images kept in the cache folder: plain arrays, so that workers and later runs read them at once."""

import hashlib
import json
import os
import shutil
from pathlib import Path
from uuid import uuid4

import numpy as np

from lsbench.data.folder.decode import Broken, Decoded, decode_all
from lsbench.data.folder.listing import Listing, check_classes
from lsbench.data.folder.progress import say

FORMAT = 3  # grows when the same listing would be decoded to something else
ARRAYS = ("images", "labels", "parts")


def decoded(listing: Listing, size: int | None, skip: bool, cache: Path) -> tuple[Decoded, str]:
    """The images and the hash of their content: from the cache, memory-mapped, or decoded now and then cached.

    Another process that decodes the same images at the same time writes the same files; one of the two is kept. Where
    the cache can't be written, the images are decoded each time.
    """
    if listing.label_files:
        return _labelled(listing, size, skip, cache)
    place = cache / _key(listing, size, skip)
    cached = _read(place)
    if cached is None:
        made = decode_all(listing, size, skip)
        cached = made, made.content_hash()
        _keep(place, *cached)
    return cached


def _labelled(listing: Listing, size: int | None, skip: bool, cache: Path) -> tuple[Decoded, str]:
    """Images whose labels are in a file: they are decoded and kept without labels, so that new labels cost nothing."""
    by_name = sorted(listing.image_files, key=lambda image: (image.part, image.name))
    plain = listing._replace(classes=(), label_files=(), image_files=tuple(p._replace(label=0) for p in by_name))
    images, content = decoded(plain, size, skip, cache)
    label_of = {image.name: image.label for image in listing.image_files}
    labels = np.array([label_of[name] for name in images.names], np.int64)
    broken = tuple(one._replace(label=label_of[one.name]) for one in images.broken)
    check_classes(listing._replace(image_files=tuple(p for p in listing.image_files if p.name not in _names(broken))))
    digest = hashlib.sha256(f"{content} {listing.classes!r}".encode() + labels.astype("<i8").tobytes()).hexdigest()
    return images._replace(labels=labels, classes=listing.classes, broken=broken), digest


def _names(broken: tuple[Broken, ...]) -> set[str]:
    return {one.name for one in broken}


def _key(listing: Listing, size: int | None, skip: bool) -> str:
    """A hash of every file's name, size and time, of the folder's path, and of how the images are decoded."""
    files = [(p.name, p.part, p.size, p.modified) for p in listing.image_files]
    without_labels = () if listing.classes else ("without labels",)
    key = (FORMAT, str(listing.root), files, size, skip, *without_labels)
    return hashlib.sha256(repr(key).encode()).hexdigest()[:32]


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
