"""What a network gave for each test example, in a file beside its row: small enough to be kept for every cell."""

import zipfile
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsbench.data.archive import ODD
from lsbench.errors import InputError

HEADER = 10  # bytes before an array's description: \x93NUMPY, version, length
STEPS = 65_535  # of a confidence between 0 and 1: 16 bits
BYTES = 6  # of an example, at most, before compression: class, log-prob and confidence; labels add next to nothing
MAY_LACK = ("true_labels", "groups")  # arrays of a file


@dataclass(frozen=True)
class ExamplePredictions:
    """Of each of n test examples, in the data set's order. The class, not right or wrong: labels may be corrected."""

    labels: NDArray[np.integer]  # (n,): what the row was measured against
    predicted: NDArray[np.integer]  # (n,): the likeliest class
    log_prob: NDArray[np.float64]  # (n,): of the label, in nats; 11 significant bits are kept, and -inf below -65,504
    confidence: NDArray[np.float64]  # (n,): the largest probability; kept to 1 / 65,535
    true_labels: NDArray[np.integer] | None = None  # (n,): as published, where others were drawn; kept if they differ
    groups: NDArray[np.integer] | None = None  # (n,): a number for each example's group, where groups are given

    def values(self, metric: str) -> NDArray[np.float64]:
        """`accuracy`, `error_rate` or `nll` of each example (n,); `InputError` for a metric that is not kept."""
        if metric == "nll":
            return -self.log_prob
        if metric not in ("accuracy", "error_rate"):
            raise InputError(f"{metric!r} is not kept per example; such are accuracy, error_rate, nll")
        right = (self.predicted == self.labels).astype(float)
        return right if metric == "accuracy" else 1.0 - right


def pack_examples(examples: ExamplePredictions) -> bytes:
    """As an npz file, which numpy alone reads: at most 50 kB for 10,000 examples of up to 256 classes."""
    content = BytesIO()
    arrays: dict[str, Any] = {
        "labels": _small(examples.labels),
        "predicted": _small(examples.predicted),
        "log_prob": _half(examples.log_prob),
        "confidence": np.rint(examples.confidence * STEPS).astype(np.uint16),
    }
    if examples.true_labels is not None and not np.array_equal(examples.true_labels, examples.labels):
        arrays["true_labels"] = _small(examples.true_labels)
    if examples.groups is not None:
        arrays["groups"] = _small(examples.groups)
    np.savez_compressed(content, **arrays)
    return content.getvalue()


def read_examples(path: Path) -> ExamplePredictions | None:
    """The predictions of a file, None where there is none; `InputError` for a file that `run` did not write."""
    if not path.exists():
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            return _checked(
                ExamplePredictions(
                    _array(archive, "labels").astype(int),
                    _array(archive, "predicted").astype(int),
                    _array(archive, "log_prob").astype(float),
                    _array(archive, "confidence").astype(float) / STEPS,
                    *(_array(archive, n).astype(int) if f"{n}.npy" in archive.namelist() else None for n in MAY_LACK),
                )
            )
    except ODD as error:
        raise InputError(f"{path}: not the predictions per test example that `run` writes ({error})") from error


def _half(log_prob: NDArray[np.floating]) -> NDArray[np.float16]:
    """In 16 bits; below -65,504 it is -inf."""
    with np.errstate(over="ignore"):
        return log_prob.astype(np.float16)


def _array(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    """As `np.load` reads it; thousands of files share a header, and to parse it takes longer than all the rest."""
    content = archive.read(f"{name}.npy")
    start = HEADER + int.from_bytes(content[HEADER - 2 : HEADER], "little")
    shape, dtype = _header(content[:start])
    return np.frombuffer(content, dtype, offset=start).reshape(shape)


@lru_cache
def _header(content: bytes) -> tuple[tuple[int, ...], np.dtype]:
    """Shape and dtype, of version 1.0 of the format; no objects, whose bytes would be pickles."""
    file = BytesIO(content)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError("not version 1.0 of the format of NumPy's arrays")
    shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    if dtype.hasobject:
        raise ValueError("objects")
    return shape, dtype


def _small(classes: NDArray[np.integer]) -> NDArray[np.unsignedinteger]:
    largest = int(classes.max(initial=0))
    return classes.astype(np.uint8 if largest < 2**8 else np.uint16 if largest < 2**16 else np.uint32)


def _checked(examples: ExamplePredictions) -> ExamplePredictions:
    shapes = {array.shape for array in vars(examples).values() if array is not None}
    if len(shapes) != 1 or len(next(iter(shapes))) != 1 or not len(examples.labels):
        raise ValueError(f"shapes {sorted(shapes)}")
    if np.isnan(examples.log_prob).any() or (examples.log_prob > 0).any():
        raise ValueError("a log-prob above 0 or none")
    return examples
