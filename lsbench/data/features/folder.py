"""A folder's images as a network sees them."""

import io
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np

from lsbench.data.features.compute import features_of
from lsbench.data.features.frozen import Network
from lsbench.data.features.images import Images
from lsbench.data.features.index import digest_of, digests_of
from lsbench.data.features.preprocessing import Preprocessing, fit_image
from lsbench.data.folder.decode import Broken, Decoded, refuse_broken, without_broken
from lsbench.data.folder.image_file import read_upright
from lsbench.data.folder.listing import ImageFile, Listing
from lsbench.data.folder.parallel import Failure
from lsbench.errors import InputError


def featured_folder(listing: Listing, network: Network, skip: bool, cache: Path) -> tuple[Decoded, str]:
    """What `decoded` gives, the images being features (n, width), memory-mapped, and a hash of all of it.

    Each image is decoded for the network alone: from the file's own size, upright and in colours as
    `lsbench.data.folder.image_file` has them, then as the network's `Preprocessing` says. The hash is of the files'
    bytes, the labels and names of classes, and of the network: the same on another machine. `InputError`: broken
    images, named, up to 20, unless `skip`; a file that changes meanwhile. Else as `features_of`, with `StorageError`.
    """
    digests = digests_of(listing, cache)
    reasons = {i: digest.reason for i, digest in enumerate(digests) if isinstance(digest, Failure)}
    places = [i for i in range(len(digests)) if i not in reasons]
    images = _images(listing, places, [str(digests[i]) for i in places], network.preprocessing)
    features = features_of(images, network, cache)
    reasons |= {places[i]: reason for i, reason in features.reasons.items()}
    broken = {i: _broken(listing.image_files[i], reasons[i]) for i in sorted(reasons)}
    if broken and not skip:
        refuse_broken(listing, broken)
    made = without_broken(listing, features.features, broken)
    return made, _hash(network, made, [str(digest) for i, digest in enumerate(digests) if i not in broken])


def without_features(listing: Listing, network: Network, cache: Path) -> tuple[Decoded, str]:
    """The same of images that are all readable, with features of no width: nothing is decoded or computed.

    `InputError` as `featured_folder`, for files that can't be read at all.
    """
    digests = digests_of(listing, cache)
    broken = {
        i: _broken(listing.image_files[i], digest.reason)
        for i, digest in enumerate(digests)
        if isinstance(digest, Failure)
    }
    if broken:
        refuse_broken(listing, broken)
    made = without_broken(listing, np.empty((len(digests), 0), np.float32), {})
    return made, _hash(network, made, [str(digest) for digest in digests])


def _images(listing: Listing, places: list[int], digests: list[str], how: Preprocessing) -> Images:
    files = [listing.image_files[i] for i in places]
    return Images(str(listing.root), tuple(digests), lambda i: repr(files[i].name), _loader(files, digests, how))


def _loader(files: list[ImageFile], digests: list[str], how: Preprocessing) -> Callable[[int], np.ndarray]:
    def load(i: int) -> np.ndarray:
        content = _content(files[i])
        if digest_of(content) != digests[i]:
            raise InputError(f"{files[i].path} was changed while features were computed; run it again")
        image = read_upright(io.BytesIO(content), 2 * how.resize, 2 * how.resize)
        return fit_image(image.convert("RGB"), how)

    return load


def _content(file: ImageFile) -> bytes:
    try:
        return Path(file.path).read_bytes()
    except OSError as error:
        raise InputError(
            f"{file.path} can't be read any more ({error.strerror}), while features were computed; run it again"
        ) from error


def _broken(image: ImageFile, reason: str) -> Broken:
    return Broken(image.name, image.label, reason)


def _hash(network: Network, made: Decoded, digests: list[str]) -> str:
    text = f"{network.key} {made.classes!r} {made.labels.tolist()!r} {' '.join(digests)}"
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
