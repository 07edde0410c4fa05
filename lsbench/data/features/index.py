"""The digests of a folder's files, read again only where a file's size or time is another one."""

import json
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from lsbench.data.features.files import write_whole
from lsbench.data.folder.listing import ImageFile, Listing
from lsbench.data.folder.parallel import Failure, each
from lsbench.errors import StorageError
from lsbench.names.encoding import json_text, to_bytes


def digest_of(content: bytes) -> str:
    """32 hex digits of a file's bytes."""
    return sha256(content).hexdigest()[:32]


def digests_of(listing: Listing, cache: Path) -> list[str | Failure]:
    """Of each image's bytes, in the listing's order, or why its file can't be opened."""
    path = cache / "files" / f"{sha256(to_bytes(str(listing.root))).hexdigest()[:32]}.json"
    earlier = _read(path)
    new = [image for image in listing.image_files if _stamp(image) not in earlier]
    now: dict[str, str | Failure] = {**earlier, **dict(zip(map(_stamp, new), _digests(new), strict=True))}
    if new:
        _keep(path, {stamp: d for image in listing.image_files if isinstance(d := now[stamp := _stamp(image)], str)})
    return [now[_stamp(image)] for image in listing.image_files]


def _digests(images: list[ImageFile]) -> list[str | Failure]:
    return each(lambda image: digest_of(Path(image.path).read_bytes()), images, lambda _: None)


def _stamp(image: ImageFile) -> str:
    """What changes when the file does."""
    return f"{image.name} {image.size} {image.modified}"


def _read(path: Path) -> dict[str, str]:
    with suppress(OSError, ValueError, AttributeError):
        return {str(stamp): str(digest) for stamp, digest in json.loads(path.read_text()).items()}
    return {}


def _keep(path: Path, digests: dict[str, str]) -> None:
    """Where that can't be written, the files are read again the next time."""
    with suppress(OSError, StorageError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, lambda file: file.write(json_text(digests, indent=0).encode()))
