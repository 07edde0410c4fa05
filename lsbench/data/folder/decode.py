"""All images of a folder as one array."""

import hashlib
from collections.abc import Collection
from typing import NamedTuple, NoReturn

import numpy as np

from lsbench.data.folder.image_file import Header, decode, read_header
from lsbench.data.folder.listing import Listing, check_classes
from lsbench.data.folder.parallel import Failure, each
from lsbench.data.folder.progress import progress
from lsbench.errors import InputError
from lsbench.names.few import few

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
    image_files = listing.image_files
    with progress(f"{len(image_files):,} images of {listing.root}", 2 * len(image_files)) as tell:
        outcomes: list = each(lambda image: read_header(image.path), image_files, tell)
        good = [i for i, header in enumerate(outcomes) if isinstance(header, Header)]
        if not good:
            refuse_broken(listing, _broken(listing, outcomes))
        height, width = _common_size([outcomes[i] for i in good], size)
        is_grey = all(outcomes[i].is_grey for i in good)
        images = np.zeros((len(image_files), 1 if is_grey else 3, height, width), np.uint8)

        def fill(i: int) -> None:
            images[i] = decode(image_files[i].path, height, width, is_grey)

        for i, result in zip(good, each(fill, good, tell), strict=True):
            outcomes[i] = result or outcomes[i]
    broken = _broken(listing, outcomes)
    if broken and not skip:
        refuse_broken(listing, broken)
    return without_broken(listing, np.delete(images, list(broken), axis=0) if broken else images, broken)


def _common_size(headers: list[Header], size: int | None) -> tuple[int, int]:
    sizes = {(header.height, header.width) for header in headers}
    if size is None and len(sizes) == 1 and max(max(sizes)) <= LARGEST:
        return sizes.pop()
    return size or DEFAULT_SIZE, size or DEFAULT_SIZE


def _broken(listing: Listing, outcomes: list) -> dict[int, Broken]:
    """What failed, by its place in the listing."""
    return {
        i: Broken(
            listing.image_files[i].name, listing.image_files[i].label, _reason(failure, listing.image_files[i].path)
        )
        for i, failure in enumerate(outcomes)
        if isinstance(failure, Failure)
    }


def _reason(failure: Failure, path: str) -> str:
    """Why, without the path that Pillow repeats."""
    return failure.reason.replace(f" {path!r}", "")[:LONGEST_REASON]


def refuse_broken(listing: Listing, broken: dict[int, Broken]) -> NoReturn:
    """Raise the `InputError` that names broken images, up to 20."""
    total, failures = len(listing.image_files), broken.values()
    raise InputError(
        f"{len(broken):,} of {total:,} images of {listing.root} can't be read: {in_words(failures)}; remove them, or"
        f" leave them out with {listing.root}:broken=skip"
    )


def in_words(broken: Collection[Broken]) -> str:
    """Names and reasons, of the first 20."""
    return few((f"{name!r} ({reason})" for name, _, reason in broken), SHOWN)


def without_broken(listing: Listing, images: np.ndarray, broken: dict[int, Broken]) -> Decoded:
    """The images that could be read, or their features, with their labels; broken: the others, by place."""
    image_files = tuple(image for i, image in enumerate(listing.image_files) if i not in broken)
    if broken:
        check_classes(listing._replace(image_files=image_files))  # of no class where labels are not known yet
    return Decoded(
        images,
        np.array([image.label for image in image_files], np.int64),
        np.array([image.part for image in image_files], np.int8),
        tuple(image.name for image in image_files),
        listing.classes,
        tuple(broken.values()),
    )
