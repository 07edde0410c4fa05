"""All images of a folder as one array."""

import hashlib
from typing import NamedTuple

import numpy as np

from lsbench.data.folder.listing import Listing, check_classes
from lsbench.data.folder.parallel import Failure, each
from lsbench.data.folder.picture import Look, decode, look_at
from lsbench.data.folder.progress import progress, say
from lsbench.errors import InputError

DEFAULT_SIZE = 64  # of images that don't share one
LARGEST = 256  # that they keep unasked: a thousand photographs straight from a camera are 36 GB
SHOWN = 3  # of the broken images


class Decoded(NamedTuple):
    """The images of a folder, in the order of its listing, without those left out."""

    images: np.ndarray  # (n, 1 or 3, height, width), uint8
    labels: np.ndarray  # (n,), int64
    parts: np.ndarray  # (n,), int8
    names: tuple[str, ...]  # (n,), below the folder
    classes: tuple[str, ...]

    def content_hash(self) -> str:
        """64 hex digits of images, labels and class names: the same on another machine, whatever the files are."""
        digest = hashlib.sha256(f"{self.images.shape} {self.classes!r}".encode())
        digest.update(np.ascontiguousarray(self.images).data)
        digest.update(self.labels.astype("<i8").data)
        return digest.hexdigest()


def decode_all(listing: Listing, size: int | None = None, skip: bool = False) -> Decoded:
    """Every image as bytes of one size: `size` x `size`, else their own if they share it, up to 256, else 64 x 64.

    Grey if all are, otherwise RGB. Broken images are an `InputError` that names the first ones, unless `skip`.
    """
    pictures = listing.pictures
    with progress(f"{len(pictures):,} images of {listing.root}", 2 * len(pictures)) as tell:
        looks = each(lambda picture: look_at(picture.path), pictures, tell)
        broken = _broken(listing, looks, skip)
        good = [i for i in range(len(pictures)) if i not in broken]
        known = [look for look in looks if isinstance(look, Look)]
        height, width = _common_size(known, size)
        is_grey = all(look.is_grey for look in known)
        images = np.zeros((len(pictures), 1 if is_grey else 3, height, width), np.uint8)

        def fill(i: int) -> None:
            images[i] = decode(pictures[i].path, height, width, is_grey)

        for i, result in zip(good, each(fill, good, tell), strict=True):
            looks[i] = result or looks[i]
    return _kept(listing, images, _broken(listing, looks, skip))


def _common_size(looks: list[Look], size: int | None) -> tuple[int, int]:
    sizes = {(look.height, look.width) for look in looks}
    if size is None and len(sizes) == 1 and max(max(sizes)) <= LARGEST:
        return sizes.pop()
    return size or DEFAULT_SIZE, size or DEFAULT_SIZE


def _broken(listing: Listing, found: list, skip: bool) -> dict[int, str]:
    """Index -> name and reason of what failed; an `InputError` unless they may be left out."""
    broken = {
        i: f"{listing.pictures[i].name!r} ({failure.reason})"
        for i, failure in enumerate(found)
        if isinstance(failure, Failure)
    }
    if broken and not skip:
        raise InputError(
            f"{_described(listing, broken)}; remove them, or leave them out with {listing.root}:broken=skip"
        )
    return broken


def _described(listing: Listing, broken: dict[int, str]) -> str:
    more = f" and {len(broken) - SHOWN:,} more" if len(broken) > SHOWN else ""
    return (
        f"{len(broken):,} of {len(listing.pictures):,} images of {listing.root} can't be read:"
        f" {', '.join(list(broken.values())[:SHOWN])}{more}"
    )


def _kept(listing: Listing, images: np.ndarray, broken: dict[int, str]) -> Decoded:
    """What is left without the broken ones, which are named once."""
    pictures = tuple(picture for i, picture in enumerate(listing.pictures) if i not in broken)
    if broken:
        say(f"left out: {_described(listing, broken)}")
        images = np.delete(images, list(broken), axis=0)
        check_classes(listing._replace(pictures=pictures))
    return Decoded(
        images,
        np.array([picture.label for picture in pictures], np.int64),
        np.array([picture.part for picture in pictures], np.int8),
        tuple(picture.name for picture in pictures),
        listing.classes,
    )
