"""A data set in one `.npz` file: Keras' names, or MedMNIST's. No torch here."""

import zipfile
import zlib
from pathlib import Path

import numpy as np

from lsbench.data.labels import tidy_labels
from lsbench.data.splits import Splits
from lsbench.data.tidy import check_parts, tidy_images
from lsbench.errors import InputError

NAMINGS = (  # images and labels of train, test, and of val, which may be missing
    (("x_train", "y_train"), ("x_test", "y_test"), ("x_val", "y_val")),
    (("train_images", "train_labels"), ("test_images", "test_labels"), ("val_images", "val_labels")),
)


def read_npz(path: Path) -> Splits:
    """The file's training, test and, where it has one, validation set.

    Arrays x_train, y_train, x_test, y_test (and x_val, y_val), or train_images, train_labels, test_images, test_labels
    (and val_images, val_labels), as MedMNIST has them. Nothing in it is unpickled. `InputError` names what is wrong.

    (Yang et al., 2023, MedMNIST v2)
    """
    try:
        with path.open("rb") as stream:  # which numpy would leave open for what is no archive
            return _splits(path, np.load(stream, allow_pickle=False))
    except InputError:
        raise
    except (OSError, EOFError, ValueError, KeyError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        text = "; save labels that are text as labels.astype(str)" if "Object arrays" in str(error) else ""
        raise InputError(f"{path} is not a whole .npz file of plain arrays ({error}){text}") from error


def _splits(path: Path, file: np.ndarray | np.lib.npyio.NpzFile) -> Splits:
    if not isinstance(file, np.lib.npyio.NpzFile):
        raise InputError(f"{path} is one bare array; save images and labels with numpy.savez")
    naming = next((names for names in NAMINGS if {*names[0], *names[1]} <= set(file.files)), None)
    if naming is None:
        raise InputError(
            f"{path} holds {', '.join(file.files) or 'nothing'}; it must hold x_train, y_train, x_test, y_test,"
            " or train_images, train_labels, test_images, test_labels"
        )
    train, test, val = ((_pair(path, file, names)) for names in naming)
    return check_parts(str(path), Splits(*train, *test, *val))  # pyright: ignore[reportArgumentType]


def _pair(path: Path, file: np.lib.npyio.NpzFile, names: tuple[str, str]) -> tuple:
    images, labels = names
    if not {images, labels} & set(file.files):
        return None, None
    if not {images, labels} <= set(file.files):
        raise InputError(f"{path} has only one of {images} and {labels}; give both or none")
    given = tidy_images(f"{images} of {path}", file[images])
    return given, tidy_labels(f"{labels} of {path}", file[labels])
