"""Labels out of a `.npy` or `.npz` that anybody may have written: whole numbers or text, or an error in a sentence."""

import re
from pathlib import Path

import numpy as np

from lsbench.data.given_file import read_array
from lsbench.data.pickled import refuse_pickled
from lsbench.data.text_file import existing
from lsbench.errors import DtypeError, InputError

ARCHIVE = re.compile(r"(.+?\.npz)(?::(.*))?", re.IGNORECASE | re.DOTALL)  # the first .npz ends the path


def load_labels(file: str) -> np.ndarray:
    """The labels in `PATH.npy` or `PATH.npz[:KEY]`, (n,) int64 or text.

    `InputError`: no such file or key, broken, not one dimension, not whole. `DtypeError`: neither numbers nor text.
    """
    return _one_each(file, read_array(*_path_and_key(file)))


def _path_and_key(file: str) -> tuple[Path, str | None]:
    match = ARCHIVE.fullmatch(file)
    path, key = match.groups() if match else (file, None)
    refuse_pickled(path)
    if not path.lower().endswith((".npy", ".npz")):
        raise InputError(
            "labels are read from a .npy, or from a .npz and a key (labels.npz:key), or from a .csv with columns path"
            f" and label; got {file!r}"
        )
    return existing(path), key


def load_array(file: str) -> np.ndarray:
    """The array in `PATH.npy` or `PATH.npz[:KEY]`, as it is; `InputError` where there is none."""
    return read_array(*_path_and_key(file))


def _one_each(file: str, labels: np.ndarray) -> np.ndarray:
    """The array as int64 (n,) if nothing is lost by that, or as text (n,)."""
    if labels.dtype.kind not in "iufU":
        raise DtypeError(f"{file} must hold whole numbers, or names of classes, got {labels.dtype}")
    if labels.ndim != 1:
        raise InputError(
            f"{file} must hold one label for each example, (n,); got shape {labels.shape}; of several people's,"
            " a column each, say which count: write :annotators=majority (or draw, soft) behind it"
        )
    return labels if labels.dtype.kind == "U" else _whole(file, labels)


def _whole(file: str, labels: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):  # NaN, infinity and what int64 can't hold are found by comparing
        whole = labels.astype(np.int64)
    lost = whole != labels
    if lost.any():
        raise InputError(f"{file} must hold whole numbers, got {labels[lost][0]} at index {lost.argmax()}")
    return whole
