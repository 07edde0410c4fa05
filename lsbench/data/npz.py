"""A data set of images or vectors in one `.npz` file: Keras' names, or MedMNIST's. No torch here."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lsbench.data.archive import DAMAGED
from lsbench.data.division_options import require_undivided
from lsbench.data.given_file import read_array
from lsbench.data.several_people import one_label_each
from lsbench.data.splits import Splits
from lsbench.data.tidy import check_parts, tidy_images
from lsbench.data.undivided import Whole, divided
from lsbench.data.votes import Choice, Votes, read_choice
from lsbench.errors import InputError
from lsbench.names.reference import Value

WHOLES = (("x", "y"), ("X", "y"), ("images", "labels"))  # of data in one piece
NAMINGS = (  # images and labels of train, test, and of val, which may be missing
    (("x_train", "y_train"), ("x_test", "y_test"), ("x_val", "y_val")),
    (("train_images", "train_labels"), ("test_images", "test_labels"), ("val_images", "val_labels")),
)


def read_npz(path: Path, options: Mapping[str, Value] | None = None, labels: Sequence[Path] = ()) -> Splits:
    """The file's training, test and, where it has one, validation set.

    Arrays x_train, y_train, x_test, y_test (and x_val, y_val), or train_images, train_labels, test_images, test_labels
    (and val_images, val_labels), as MedMNIST has them: images, or vectors (n, d). With a choice labels are those of
    several people. Of one array, a .npy, the labels are in another, and both are divided. Nothing in it is unpickled.
    `InputError` names what is wrong.

    (Yang et al., 2023, MedMNIST v2)
    """
    if labels:
        return _pair(path, labels[0], options or {})
    try:
        with path.open("rb") as stream:  # which numpy would leave open for what is no archive
            return _splits(path, np.load(stream, allow_pickle=False), options or {})
    except InputError:
        raise
    except DAMAGED as error:
        raise InputError(f"{path} is not a whole .npz file of plain arrays{_why(str(error))}") from error


def _why(reason: str) -> str:
    """In the words of numpy, but for its advice to unpickle what nobody may trust."""
    if "Object arrays" in reason:
        return " (it holds Python objects); save labels that are text as labels.astype(str)"
    return "; write one with numpy.savez" if "allow_pickle" in reason else f" ({reason})"


def _pair(path: Path, labels: Path, options: Mapping[str, Value]) -> Splits:
    """The examples in one .npy and their labels in another one, divided."""
    images = tidy_images(str(path), read_array(path))
    given, votes = one_label_each(str(labels), read_array(labels), read_choice(options), "train")
    return divided(str(path), Whole(images, given, votes), options)


def _splits(path: Path, file: np.ndarray | np.lib.npyio.NpzFile, options: Mapping[str, Value]) -> Splits:
    if not isinstance(file, np.lib.npyio.NpzFile):
        raise InputError(f"{path} is one bare array; save images and labels with numpy.savez")
    choice = read_choice(options)
    if whole := next((names for names in WHOLES if set(names) <= set(file.files)), None):
        images, labels, votes = _part(path, file, whole, "train", choice)
        return divided(str(path), Whole(images, labels, votes), options)
    require_undivided(str(path), options)
    naming = next((names for names in NAMINGS if {*names[0], *names[1]} <= set(file.files)), None)
    if naming is None:
        raise InputError(
            f"{path} holds {', '.join(file.files) or 'nothing'}; it must hold x_train, y_train, x_test, y_test,"
            " or train_images, train_labels, test_images, test_labels; or, to be divided, x and y, or images and labels"
        )
    parts = zip(("train", "test", "val"), naming, strict=True)
    train, test, val = (_part(path, file, names, part, choice) for part, names in parts)
    return check_parts(str(path), Splits(*train[:2], *test[:2], *val[:2], train_votes=train[2]))


def _part(
    path: Path, file: np.lib.npyio.NpzFile, names: tuple[str, str], part: str, choice: Choice | None
) -> tuple[Any, Any, Votes | None]:
    """Images, labels and votes of a part."""
    images, labels = names
    if not {images, labels} & set(file.files):
        return None, None, None
    if not {images, labels} <= set(file.files):
        raise InputError(f"{path} has only one of {images} and {labels}; give both or none")
    given = tidy_images(f"{images} of {path}", file[images])
    return given, *one_label_each(f"{labels} of {path}", file[labels], choice, part)
