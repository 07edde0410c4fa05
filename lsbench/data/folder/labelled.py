"""The images of a folder whose labels are in a file: every image below it, in folders of classes or not."""

from functools import lru_cache
from pathlib import Path

from lsbench.data.class_order import by_number_or_name
from lsbench.data.folder.label_file import LabelSource, read_label_files
from lsbench.data.folder.listing import FOLDERS, TEST, TRAIN, VAL, ImageFile, Listing, files_below, image_file, stamp_of
from lsbench.data.folder.suffixes import count_suffixes, is_image
from lsbench.errors import InputError


def list_labelled(root: Path, source: LabelSource) -> Listing:
    """The images and their labels, sorted by part, class and name, as `list_images` has them.

    Where the folder has a folder train, the folders train, val and test are the parts. `InputError`: no image, one
    class, a class without an image to train on; as `read_label_files`.
    """
    root = root.resolve()
    images, others = _images(root, stamp_of(root))
    labels, notes = read_label_files(root, source, [image.name for image in images])
    images = [image for image in images if image.name in labels]
    trained = {labels[image.name] for image in images if image.part == TRAIN}
    classes = tuple(sorted(trained, key=by_number_or_name))
    _require_classes(root, classes, {labels[image.name] for image in images})
    numbers = {name: number for number, name in enumerate(classes)}
    labelled = (image._replace(label=numbers[labels[image.name]]) for image in images)
    in_order = tuple(sorted(labelled, key=lambda image: (image.part, image.label, image.name)))
    return Listing(root, classes, in_order, others, label_files=source.files, notes=notes)


def _require_classes(root: Path, classes: tuple[str, ...], labels: set[str]) -> None:
    extra = sorted(labels - set(classes), key=by_number_or_name) if classes else []
    if extra:
        raise InputError(f"class {extra[0]!r} of {root} has images, and none of them is to train on")
    if not classes:
        raise InputError(f"no image of {root} that is to train on has a label")
    if len(classes) < 2:
        raise InputError(f"the labels of {root} are all {min(classes)!r}; there must be at least two classes")


@lru_cache(maxsize=8)
def _images(root: Path, _stamp: tuple) -> tuple[list[ImageFile], tuple[tuple[str, int], ...]]:
    """All images without labels, and the other files by suffix; tables are not counted: one of them has the labels."""
    paths = list(files_below(str(root)))
    parts = _parts(root)
    images = [image_file(path, root, TRAIN, 0) for path in paths if is_image(path)]
    if not images:
        raise InputError(f"{root} has no image; expected {root}/*.png, or folders of images")
    others = count_suffixes(
        path for path in paths if not is_image(path) and not path.lower().endswith((".csv", ".tsv"))
    )
    in_parts = (image._replace(part=parts.get(image.name.partition("/")[0], TRAIN)) for image in images)
    return sorted(in_parts, key=lambda image: image.name), others


def _parts(root: Path) -> dict[str, int]:
    """The folders that are parts, by name; none where no train is among them. Of val without test, val is the test."""
    named = {path.name: FOLDERS[path.name.lower()] for path in root.iterdir() if path.name.lower() in FOLDERS}
    if TRAIN not in named.values():
        return {}
    return {name: TEST if part == VAL and TEST not in named.values() else part for name, part in named.items()}
