"""New images: every image below a folder, decoded as the network was trained to see them, or its features of them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lsbench.data.folder.image_file import decode
from lsbench.data.folder.listing import TRAIN, ImageFile, Listing, files_below, image_file
from lsbench.data.folder.parallel import Failure, each
from lsbench.data.folder.progress import progress
from lsbench.data.folder.suffixes import is_image
from lsbench.data.new.forms import NewExamples, Wanted
from lsbench.data.of_network import features_cache
from lsbench.errors import InputError
from lsbench.names.executed import same_search_path


def new_images(path: Path, wanted: Wanted) -> NewExamples:
    """The images below a folder, or the one image, by name; what can't be read is named, and left out."""
    root = path.resolve() if path.is_dir() else path.resolve().parent
    paths = files_below(str(root)) if path.is_dir() else [str(path.resolve())]
    files = sorted((image_file(name, root, TRAIN, 0) for name in paths if is_image(name)), key=lambda file: file.name)
    if not files:
        raise InputError(f"{path} has no image")
    return _features(root, files, wanted) if wanted.features else _pixels(root, files, wanted)


@same_search_path()
def _features(root: Path, files: Sequence[ImageFile], wanted: Wanted) -> NewExamples:
    from lsbench.data.features.folder import featured_folder
    from lsbench.data.features.network import find_network

    listing = Listing(root, (), tuple(files))
    features, _ = featured_folder(listing, find_network(wanted.features), True, features_cache())
    broken = tuple((broken.name, broken.reason) for broken in features.broken)
    return NewExamples(features.names, np.asarray(features.images), broken)


def _pixels(root: Path, files: Sequence[ImageFile], wanted: Wanted) -> NewExamples:
    channels, height, width = wanted.shape
    with progress(f"{len(files):,} images of {root}", len(files)) as tell:
        images = each(lambda file: decode(file.path, height, width, channels == 1), files, tell)
    pairs = list(zip(files, images, strict=True))
    read = [(file.name, image) for file, image in pairs if not isinstance(image, Failure)]
    broken = tuple((file.name, image.reason) for file, image in pairs if isinstance(image, Failure))
    values = np.stack([image for _, image in read]) if read else np.zeros((0, *wanted.shape), np.uint8)
    return NewExamples(tuple(name for name, _ in read), values, broken)
