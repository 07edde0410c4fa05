"""CIFAR-10 and CIFAR-100 as their author published them, in pickles that nothing but plain arrays is read from."""

import codecs
import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np

from lsbench.data.splits import Splits
from lsbench.errors import InputError

SHAPE = (3, 32, 32)


def read_cifar10(paths: tuple[Path, ...]) -> Splits:
    """Five training batches, then the test batch (Krizhevsky, 2009)."""
    return _splits(paths, "labels")


def read_cifar100(paths: tuple[Path, ...]) -> Splits:
    """The training batch, then the test batch; the labels are the 100 fine ones (Krizhevsky, 2009)."""
    return _splits(paths, "fine_labels")


def _splits(paths: tuple[Path, ...], labels: str) -> Splits:
    batches = [_batch(path, labels) for path in paths]
    images, classes = zip(*batches[:-1], strict=True)
    return Splits(np.concatenate(images), np.concatenate(classes), *batches[-1])


def _batch(path: Path, labels: str) -> tuple[np.ndarray, np.ndarray]:
    try:
        content = _PlainArrays(io.BytesIO(path.read_bytes()), encoding="latin1").load()
        return _images(content["data"]), np.array(content[labels], np.int64)
    except Exception as error:  # a damaged pickle may raise anything
        raise InputError(f"{path} is not a whole CIFAR batch ({error}); remove it and fetch it again") from error


def _images(data: Any) -> np.ndarray:
    if not isinstance(data, np.ndarray) or data.dtype != np.uint8:
        raise ValueError("its data are not bytes")
    return data.reshape(-1, *SHAPE)


class _PlainArrays(pickle.Unpickler):
    """Makes containers, numbers, text and arrays of numbers; whatever else a pickle asks for is refused, not called."""

    def find_class(self, module: str, name: str) -> Any:
        """One of the few things that a pickled array names."""
        if (module, name) in ALLOWED:
            return ALLOWED[module, name]
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")


def _plain_dtype(code: str, *_: Any) -> np.dtype:
    if (dtype := np.dtype(code)).kind not in "buif":
        raise pickle.UnpicklingError(f"it has an array of {dtype}")
    return dtype


def _empty_array(*_: Any) -> np.ndarray:
    return np.empty(0, np.uint8)  # its shape, type and content follow in the pickle


def _latin1(text: str, encoding: str) -> bytes:
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"it asks for the encoding {encoding}")
    return codecs.encode(text, "latin1")


ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): _plain_dtype,
    ("numpy.core.multiarray", "_reconstruct"): _empty_array,
    ("numpy._core.multiarray", "_reconstruct"): _empty_array,
    ("_codecs", "encode"): _latin1,
}
