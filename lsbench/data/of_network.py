"""A data set as a pretrained network sees it: its features in place of the images, computed once and kept."""

import hashlib
from dataclasses import replace
from pathlib import Path

from lsbench.data.description import Description
from lsbench.data.published_files import default_data_dir
from lsbench.data.splits import Splits
from lsbench.errors import InputError
from lsbench.names.dataset_name import quoted
from lsbench.names.executed import same_search_path


def features_cache() -> Path:
    """Where features are kept."""
    return default_data_dir() / "features"


@same_search_path()
def features_in(network: str, text: str, splits: Splits, images: Description) -> tuple[Splits, Description]:
    """The features of a data set's images, and their description, under the name that `text` is.

    `InputError` for a data set whose examples are no images, and as `lsbench.data.features.network` has it.
    """
    if images.is_vectors:
        raise InputError(
            f"features are of images, and the examples of {images.name!r} are vectors already; leave out --features"
        )
    from lsbench.data.features.arrays import featured_splits
    from lsbench.data.features.network import find_network

    backbone = find_network(network)
    featured = featured_splits(splits, repr(images.name), backbone, features_cache())
    description = replace(
        images,
        name=text,
        shape=tuple(featured.train_images.shape[1:]),
        fingerprint=seen_by(images.fingerprint, backbone.key),
        notes=tuple(note.replace(repr(images.name), quoted(text)) for note in images.notes),
    )
    return featured, description


@same_search_path()
def fingerprint_in(network: str, images: str) -> str:
    """The fingerprint of the features of images that have that fingerprint; none is computed."""
    from lsbench.data.features.network import find_network

    return seen_by(images, find_network(network).key)


def seen_by(fingerprint: str, key: str) -> str:
    """16 hex digits of the images, labels and parts, and of the network."""
    return hashlib.sha256(f"{fingerprint} {key}".encode()).hexdigest()[:16]
