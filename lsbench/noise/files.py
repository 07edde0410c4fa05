"""The kinds of noise that come in a file: `human:PATH[:KEY]`, `matrix:PATH`. No torch here: `plan` reads them.

A path is looked for from the current folder; a `.npz` holds several arrays, and the key says which. Nothing is ever
unpickled.
"""

import hashlib
from typing import TYPE_CHECKING

from lsbench.errors import InputError

if TYPE_CHECKING:  # numpy is for those who have a file
    import numpy as np

HOW = {"human": "human:labels.npy or human:labels.npz:key", "matrix": "matrix:rows.csv"}


def base_kind(name: str) -> str:
    """The kind that a full name is of: "human", "matrix", or the name itself."""
    start = name.partition(":")[0]
    return start if start in HOW else name


def has_file(name: str) -> bool:
    """Whether the name has a file in it."""
    return ":" in name and base_kind(name) in HOW


def content_hash(name: str) -> str:
    """16 hex digits of what the file holds, labels as int64 and a matrix as float64; "" for a kind without a file.

    The same content has the same hash in any file, at any path, of any dtype.
    """
    if not has_file(name):
        return ""
    from lsbench.noise.label_file import load_labels
    from lsbench.noise.matrix_file import load_matrix

    kind = base_kind(name)
    load, dtype = (load_labels, "<i8") if kind == "human" else (load_matrix, "<f8")
    return hashlib.sha256(load(_file(name, kind)).astype(dtype).tobytes()).hexdigest()[:16]


def file_of(name: str) -> str:
    """The path in the name of a kind with a file, without the key of an archive."""
    from lsbench.noise.label_file import ARCHIVE

    file = _file(name, base_kind(name))
    archive = ARCHIVE.fullmatch(file)
    return archive.group(1) if archive else file


def read_labels(name: str, n: int, num_classes: int) -> "np.ndarray":
    """The labels of `human:PATH[:KEY]`, (n,) int64; the key may be left out where the .npz holds one array.

    `InputError`: no such file or key, not n labels, one that is not whole or not in [0, K). `DtypeError`: no numbers.
    """
    from lsbench.noise.label_file import load_labels

    labels = load_labels(_file(name, "human"))
    if len(labels) != n:
        raise InputError(f"{name} must hold {n} labels, one of each example in the data set's order; got {len(labels)}")
    wrong = (labels < 0) | (labels >= num_classes)
    if wrong.any():
        got = f"{labels[wrong][0]} at index {wrong.argmax()}"
        raise InputError(f"{name} must hold class numbers in [0, {num_classes}), got {got}")
    return labels


def read_matrix(name: str, num_classes: int) -> "np.ndarray":
    """The matrix of `matrix:PATH`, (K, K) float64, P(given | true): a row is a true class, and sums to 1.

    A text file: one line for each row, numbers separated by commas or white space. What follows a # is skipped, and
    so is a first line of names, or of the class numbers 0 ... K-1.

    `InputError`: no such file, a line that is no numbers, another shape, or a row that is no distribution.
    """
    from lsbench.noise.matrix_file import load_matrix
    from lsbench.noise.transition import require_transitions

    return require_transitions(name, load_matrix(_file(name, "matrix")), num_classes)


def _file(name: str, kind: str) -> str:
    """What follows `human:` or `matrix:`."""
    start, _, file = name.partition(":")
    if start != kind or not file:
        raise InputError(f"{kind} noise is read from a file: write {HOW[kind]}; got {name!r}")
    return file
