"""Which images a folder holds, of which part and class. Nothing is decoded here."""

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from lsbench.data.class_order import by_number_or_name
from lsbench.data.folder.suffixes import count_suffixes, in_words, is_hidden, is_image
from lsbench.errors import InputError

TRAIN, TEST, VAL = range(3)
FOLDERS = {
    "train": TRAIN,
    "training": TRAIN,
    "test": TEST,
    "testing": TEST,
    "val": VAL,
    "valid": VAL,
    "validation": VAL,
}


class ImageFile(NamedTuple):
    """One file, known but not opened."""

    path: str
    name: str  # below the data set's folder, with forward slashes
    part: int  # TRAIN, TEST or VAL
    label: int
    size: int  # bytes; -1 for a link that leads nowhere
    modified: int  # nanoseconds


class Listing(NamedTuple):
    """All images, sorted by part, class and name."""

    root: Path
    classes: tuple[str, ...]  # sorted, see `by_number_or_name`
    image_files: tuple[ImageFile, ...]
    others: tuple[tuple[str, int], ...] = ()  # files of the classes that Pillow can't decode: (suffix, count)
    astray: tuple[str, ...] = ()  # names of images that lie in no class's folder
    label_files: tuple[Path, ...] = ()  # that the labels come from, in place of folders
    notes: tuple[str, ...] = ()  # what of these is left out, a sentence each

    @property
    def has_test(self) -> bool:
        """Whether the folder itself says which images are for testing."""
        return any(image.part == TEST for image in self.image_files)


def list_images(root: Path) -> Listing:
    """The images of `root/train/CLASS`, `root/test/CLASS` and `root/val/CLASS`, or of one tree `root/CLASS`.

    Where there is val but no test, val is the test set. Folders below a class belong to it; hidden files and folders
    are passed over, other files that Pillow can't decode are counted; links are followed. The suffix may be in
    capitals. Images are sorted by part, class and name, as text; classes by number where their names are digits.

    `InputError`: no folder, no or one class, a class without images, a test class that train lacks.
    """
    if not root.is_dir():
        raise InputError(f"no folder {root}; it is looked for from the current folder, {Path.cwd()}")
    return _listing(root.resolve(), stamp_of(root))


@lru_cache(maxsize=8)
def _listing(root: Path, _stamp: tuple) -> Listing:
    parts = _parts(root)
    classes = {part: _visible(folder) for part, folder in parts.items()}
    if not classes[TRAIN]:
        raise InputError(
            f"{parts[TRAIN]} has no folder of images; expected {parts[TRAIN]}/CLASS/*.png{_hint(parts[TRAIN])}"
        )
    names = tuple(sorted((entry.name for entry in classes[TRAIN]), key=by_number_or_name))
    for part, entries in classes.items():
        if extra := sorted({entry.name for entry in entries} - set(names)):
            raise InputError(f"{parts[part]} has the class {extra[0]!r}, which {parts[TRAIN]} lacks")
    files = [
        (path, part, names.index(entry.name))
        for part, entries in classes.items()
        for entry in entries
        for path in files_below(entry.path)
    ]
    image_files = (image_file(path, root, part, label) for path, part, label in files if is_image(path))
    others = count_suffixes(path for path, _, _ in files if not is_image(path))
    in_order = tuple(sorted(image_files, key=lambda p: (p.part, p.label, p.name)))
    return check_classes(Listing(root, names, in_order, others, _astray(root, parts)))


def _hint(folder: Path) -> str:
    """What to do with images that lie in no folder of a class."""
    images = sum(is_image(entry.name) for entry in folder.iterdir())
    return (
        f"; of the {images:,} images that lie in it, give the labels: :labels=FILE.csv (path,label)" if images else ""
    )


def check_classes(listing: Listing) -> Listing:
    """The same, or an `InputError` where a class has no image to train on, or there is only one class.

    Images whose labels are not known yet have no classes.
    """
    if not listing.classes:
        return listing
    trained_on = {image.label for image in listing.image_files if image.part == TRAIN}
    if empty := [name for label, name in enumerate(listing.classes) if label not in trained_on]:
        remedy = "leave out its labels" if listing.label_files else "fill or remove its folder"
        raise InputError(
            f"class {empty[0]!r} of {listing.root} has no image to train on"
            f"{f', and {len(empty) - 1} more have none' if len(empty) > 1 else ''}; {remedy}"
            + (f" (files that Pillow can't decode: {in_words(listing.others)})" if listing.others else "")
        )
    if len(trained_on) < 2:
        inner = listing.root / listing.classes[0]
        raise InputError(
            f"{listing.root} has one class, {listing.classes[0]!r}; there must be at least two folders of images."
            f" If the classes are the folders inside it, give {inner}"
        )
    return listing


def _parts(root: Path) -> dict[int, Path]:
    """Part -> its folder; the whole folder is to be split where it has no train that holds folders."""
    named: dict[int, Path] = {}
    for entry in _visible(root):
        part = FOLDERS.get(entry.name.lower())
        if part is not None and part in named:
            raise InputError(f"{root} has both {named[part].name} and {entry.name}; leave one of them")
        if part is not None and _visible(Path(entry.path)):
            named[part] = Path(entry.path)
    if named and TRAIN not in named:
        raise InputError(f"{root} has {next(iter(named.values())).name} but no train; add {root / 'train'}/CLASS/*.png")
    if not named:
        return {TRAIN: root}
    for entry in _visible(root):
        if entry.name.lower() not in FOLDERS and _visible(Path(entry.path)):
            raise InputError(
                f"{root} has {named[TRAIN].name}, and {entry.name}, which is none of {', '.join(FOLDERS)}; rename it,"
                " or move it elsewhere"
            )
    if VAL in named and TEST not in named:
        named[TEST] = named.pop(VAL)
    return dict(sorted(named.items()))


def _astray(root: Path, parts: dict[int, Path]) -> tuple[str, ...]:
    """Images beside the folders of the classes, and in folders that hold no class."""
    places = [root] if parts[TRAIN] == root else [root, *(Path(entry.path) for entry in _visible(root))]
    paths = (path for place in places for path in place.iterdir() if not is_hidden(path.name))
    return tuple(sorted(path.relative_to(root).as_posix() for path in paths if is_image(path.name) and path.is_file()))


def _visible(folder: Path) -> list[os.DirEntry]:
    """The folders in a folder, sorted, without those that are hidden or left by an archive."""
    with os.scandir(folder) as entries:
        folders = [entry for entry in entries if entry.is_dir() and not is_hidden(entry.name)]
    return sorted(folders, key=lambda entry: entry.name)


def files_below(folder: str) -> Iterator[str]:
    """The files in a folder, those of the folders inside it too; a link back to where it came from ends there."""
    visited = set()
    for place, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        folders[:] = [] if real in visited else [name for name in folders if not is_hidden(name)]
        yield from (os.path.join(place, name) for name in files if real not in visited and not is_hidden(name))
        visited.add(real)


def image_file(path: str, root: Path, part: int, label: int) -> ImageFile:
    """What is known of a file without opening it."""
    name = Path(os.path.relpath(path, root)).as_posix()
    try:
        status = os.stat(path)
    except OSError:
        return ImageFile(path, name, part, label, -1, 0)
    return ImageFile(path, name, part, label, status.st_size, status.st_mtime_ns)


def stamp_of(root: Path) -> tuple[tuple[str, int], ...]:
    """What changes when an image is added or removed anywhere; a listing is made again then, in the same process."""
    folders = sorted(place for place, _, _ in os.walk(root))
    return tuple((place, os.stat(place).st_mtime_ns) for place in folders)
