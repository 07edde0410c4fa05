"""`./photos:size=64:broken=skip:test=0.2:labels=labels.csv` as training and test images."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lsbench.data.alike.near_duplicates import Alike
from lsbench.data.division import divide, none_left
from lsbench.data.division_options import Division
from lsbench.data.folder.alike_cache import alike_images
from lsbench.data.folder.decode import Decoded
from lsbench.data.folder.image_cache import decoded
from lsbench.data.folder.labelled import list_labelled
from lsbench.data.folder.listing import TEST, TRAIN, VAL, Listing, list_images
from lsbench.data.folder.notes import notes_of
from lsbench.data.folder.options import FolderOptions, folder_options
from lsbench.data.group_file import GroupFile
from lsbench.data.groups import Groups, groups_of_paths
from lsbench.data.splits import Splits
from lsbench.data.undivided import alike_notes
from lsbench.errors import InputError
from lsbench.names.executed import same_search_path
from lsbench.names.reference import Value


class FolderSet(NamedTuple):
    """A folder's images, memory-mapped, and which of them are for what."""

    images: Decoded
    parts: np.ndarray  # (n,): TRAIN, TEST or VAL
    fingerprint: str
    notes: tuple[str, ...] = ()  # what was left out, a sentence each
    group_names: np.ndarray | None = None  # (n,): of each image, where groups are given
    alike: np.ndarray | None = None  # (n,): images with one number may not be parted; None: equal ones alone

    def count(self, part: int) -> int:
        """How many images are for that."""
        return int((self.parts == part).sum())

    def splits(self) -> Splits:
        """The images themselves."""
        train, test, val = ((self.parts == part).nonzero()[0] for part in (TRAIN, TEST, VAL))
        own_val = self._of(val) if len(val) else (None, None)
        alike = None if self.alike is None else self.alike[train]
        return Splits(*self._of(train), *self._of(test), *own_val, classes=self.images.classes, train_alike=alike)

    def paths(self) -> tuple[str, ...]:
        """The names of the images below the folder: training, validation, test."""
        return tuple(self.images.names[i] for part in (TRAIN, VAL, TEST) for i in (self.parts == part).nonzero()[0])

    def groups(self) -> Groups | None:
        """The groups of each part's images."""
        if self.group_names is None:
            return None
        train, val, test = (self.group_names[self.parts == part] for part in (TRAIN, VAL, TEST))
        return Groups(train, val, test if (test != "").all() else None)

    def _of(self, index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        first, last = index[0], index[-1] + 1
        picked = slice(first, last) if last - first == len(index) else index  # neighbours need no copy
        return self.images.images[picked], self.images.labels[picked]


def read_folder(
    root: Path,
    options: Mapping[str, Value],
    cache: Path,
    group_file: GroupFile | None = None,
    network: str = "",
    *,
    computed: bool = True,
) -> FolderSet:
    """The images of a folder, decoded or as they were kept below `cache`; with a network its features of them.

    computed: whether these are; else they have no width, and all else is the same.

    The fingerprint is of decoded content, labels, class names and parts: the same on another machine. Where the folder
    has no test set, a group is for testing as a whole, or not. `InputError`: as `list_images`, `decode_all`,
    `list_labelled`, `folder_options` and `groups_of_paths`; test or split for a folder with its own test set.
    """
    asked = folder_options(root, options)
    listing = list_labelled(root, asked.labels) if asked.labels else list_images(root)
    if listing.has_test and asked.division:
        raise InputError(f"{root} has its own test set; leave out the options test and split")
    images, content = (
        _features(listing, network, asked, computed) if network else decoded(listing, asked.size, asked.skip, cache)
    )
    parts = np.array(images.parts)
    others = {*(broken.name for broken in images.broken), *listing.astray}
    alike = _alike(listing, images, asked, cache) if asked.together else None
    groups = group_file and groups_of_paths(group_file, images.names, others, (parts == TEST).tolist())
    if not listing.has_test:
        share, split = asked.division or Division()
        numbers = None if alike is None else alike.numbers
        parts[divide(images.labels, share, split, groups, numbers, names=images.names)[1]] = TEST
    if not (parts == TEST).any():
        raise InputError(none_left(str(root), "images", images.labels, alike and alike.numbers))
    notes = *notes_of(listing, images), *(alike_notes(alike, "images", images.labels) if alike else ())
    return FolderSet(images, parts, _fingerprint(content, parts, alike), notes, groups, alike and alike.numbers)


def _fingerprint(content: str, parts: np.ndarray, alike: Alike | None) -> str:
    """16 hex digits of the images, of which are for what, and of which may not be parted where that is more."""
    together = b"" if alike is None else alike.numbers.astype("<i8").tobytes()
    return hashlib.sha256(content.encode() + parts.astype(np.int8).tobytes() + together).hexdigest()[:16]


@same_search_path()
def _features(listing: Listing, network: str, asked: FolderOptions, computed: bool) -> tuple[Decoded, str]:
    """The features of the images in their place, and a hash of both the images and the network."""
    from lsbench.data.features.folder import featured_folder, without_features
    from lsbench.data.features.network import find_network
    from lsbench.data.of_network import features_cache, seen_by

    backbone = find_network(network)
    if computed or asked.skip:  # which images are left out is known when they are decoded
        features, content = featured_folder(listing, backbone, asked.skip, features_cache())
    else:
        features, content = without_features(listing, backbone, features_cache())
    return features, seen_by(content, backbone.key)


def _alike(listing: Listing, images: Decoded, asked: FolderOptions, cache: Path) -> Alike:
    """Near-duplicates among the images, by their pixels, also where `images` holds features of these."""
    pixels, content = decoded(listing, asked.size, asked.skip, cache)  # kept: it costs nothing again
    return alike_images(images.names, pixels, content, cache)
