"""All images of a folder as one array."""

import hashlib
from collections.abc import Collection
from itertools import islice
from typing import NamedTuple, NoReturn

import numpy as np

from lsbench.data.folder.listing import Listing, check_classes
from lsbench.data.folder.parallel import Failure, each
from lsbench.data.folder.picture import Look, decode, look_at
from lsbench.data.folder.progress import progress
from lsbench.errors import InputError

DEFAULT_SIZE = 64  # of images that don't share one
LARGEST = 256  # that they keep unasked: a thousand photographs straight from a camera are 36 GB
LONGEST_REASON = 80  # characters
SHOWN = 20  # of the broken images, by name


class Broken(NamedTuple):
    """An image that can't be read."""

    name: str  # below the folder
    label: int
    reason: str


class Decoded(NamedTuple):
    """The images of a folder, in the order of its listing, without those left out."""

    images: np.ndarray  # (n, 1 or 3, height, width), uint8
    labels: np.ndarray  # (n,), int64
    parts: np.ndarray  # (n,), int8
    names: tuple[str, ...]  # (n,), below the folder
    classes: tuple[str, ...]
    broken: tuple[Broken, ...] = ()  # those left out

    def content_hash(self) -> str:
        """64 hex digits of images, labels and class names: the same on another machine, whatever the files are."""
        digest = hashlib.sha256(f"{self.images.shape} {self.classes!r}".encode())
        digest.update(np.ascontiguousarray(self.images).data)
        digest.update(self.labels.astype("<i8").data)
        return digest.hexdigest()


def decode_all(listing: Listing, size: int | None = None, skip: bool = False) -> Decoded:
    """Every image as bytes of one size: `size` x `size`, else their own if they share it, up to 256, else 64 x 64.

    Grey if all are, otherwise RGB. Broken images are an `InputError` that names them, up to 20, unless `skip`.
    """
    pictures = listing.pictures
    with progress(f"{len(pictures):,} images of {listing.root}", 2 * len(pictures)) as tell:
        found: list = each(lambda picture: look_at(picture.path), pictures, tell)
        good = [i for i, look in enumerate(found) if isinstance(look, Look)]
        if not good:
            _refuse(listing, _broken(listing, found))
        height, width = _common_size([found[i] for i in good], size)
        is_grey = all(found[i].is_grey for i in good)
        images = np.zeros((len(pictures), 1 if is_grey else 3, height, width), np.uint8)

        def fill(i: int) -> None:
            images[i] = decode(pictures[i].path, height, width, is_grey)

        for i, result in zip(good, each(fill, good, tell), strict=True):
            found[i] = result or found[i]
    broken = _broken(listing, found)
    if broken and not skip:
        _refuse(listing, broken)
    return _kept(listing, images, broken)


def _common_size(looks: list[Look], size: int | None) -> tuple[int, int]:
    sizes = {(look.height, look.width) for look in looks}
    if size is None and len(sizes) == 1 and max(max(sizes)) <= LARGEST:
        return sizes.pop()
    return size or DEFAULT_SIZE, size or DEFAULT_SIZE


def _broken(listing: Listing, found: list) -> dict[int, Broken]:
    """What failed, by its place in the listing."""
    return {
        i: Broken(listing.pictures[i].name, listing.pictures[i].label, _reason(failure, listing.pictures[i].path))
        for i, failure in enumerate(found)
        if isinstance(failure, Failure)
    }


def _reason(failure: Failure, path: str) -> str:
    """Why, without the path that Pillow repeats."""
    return failure.reason.replace(f" {path!r}", "")[:LONGEST_REASON]


def _refuse(listing: Listing, broken: dict[int, Broken]) -> NoReturn:
    total, of = len(listing.pictures), broken.values()
    raise InputError(
        f"{len(broken):,} of {total:,} images of {listing.root} can't be read: {in_words(of)}; remove them, or leave"
        f" them out with {listing.root}:broken=skip"
    )


def in_words(broken: Collection[Broken]) -> str:
    """Names and reasons, of the first 20."""
    more = f" and {len(broken) - SHOWN:,} more" if len(broken) > SHOWN else ""
    return ", ".join(f"{name!r} ({reason})" for name, _, reason in islice(broken, SHOWN)) + more


def _kept(listing: Listing, images: np.ndarray, broken: dict[int, Broken]) -> Decoded:
    """What is left without the broken ones."""
    pictures = tuple(picture for i, picture in enumerate(listing.pictures) if i not in broken)
    if broken:
        images = np.delete(images, list(broken), axis=0)
        check_classes(listing._replace(pictures=pictures))
    return Decoded(
        images,
        np.array([picture.label for picture in pictures], np.int64),
        np.array([picture.part for picture in pictures], np.int8),
        tuple(picture.name for picture in pictures),
        listing.classes,
        tuple(broken.values()),
    )
