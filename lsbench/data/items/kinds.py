"""The examples of a part, by the kind of their data set: image files, arrays of images, vectors, rows of a table."""

import json
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lsbench.data.items.item import Shown
from lsbench.data.items.picture import array_picture, as_bytes, file_picture
from lsbench.names.encoding import visible


@dataclass(frozen=True)
class FolderPart:
    """Files of images."""

    root: Path
    paths: tuple[str, ...]

    def digest(self, number: int) -> str:
        """Of the file's bytes."""
        return sha256((self.root / self.paths[number]).read_bytes()).hexdigest()

    def show(self, number: int, side: int) -> Shown:
        """The file itself, not what a network of 32 x 32 pixels saw of it."""
        return file_picture(str(self.root / self.paths[number]), side)


@dataclass(frozen=True)
class ImagePart:
    """An array (n, channels, h, w)."""

    images: NDArray[np.generic]
    paths: tuple[str, ...]

    def digest(self, number: int) -> str:
        """Of the values, their kind and the shape."""
        return _array_digest(self.images[number])

    def show(self, number: int, side: int) -> Shown:
        """Its pixels; floats between the lowest and the highest of the part, or 0 and 1."""
        return array_picture(as_bytes(self.images[number], *self._range), side)

    @cached_property
    def _range(self) -> tuple[float, float]:
        if self.images.dtype == np.uint8:
            return 0.0, 255.0
        low, high = float(self.images.min()), float(self.images.max())
        return (0.0, 1.0) if low >= 0 and high <= 1 else (low, high)


@dataclass(frozen=True)
class VectorPart:
    """An array (n, d)."""

    vectors: NDArray[np.generic]
    columns: tuple[str, ...]  # (d,): names, or () where they have none
    paths: tuple[str, ...]

    def digest(self, number: int) -> str:
        """Of the values, their kind and the shape."""
        return _array_digest(self.vectors[number])

    def show(self, number: int, side: int) -> Shown:  # noqa: ARG002 - vectors have no size in pixels
        """Each column and its value."""
        values = self.vectors[number].tolist()
        names = self.columns or [f"column {i + 1}" for i in range(len(values))]
        return Shown(fields=tuple((name, f"{value:.6g}") for name, value in zip(names, values, strict=True)))


@dataclass(frozen=True)
class RowPart:
    """Rows of a table, as they stand in its file."""

    columns: tuple[str, ...]  # all but those of labels and groups
    cells: tuple[tuple[str, ...], ...]  # of each row, likewise
    shown: tuple[int, ...]  # places of the columns that a person sees, in that order
    paths: tuple[str, ...]

    def digest(self, number: int) -> str:
        """Of the names of the columns and the cells, also of those that are not shown."""
        pairs = [(visible(name), visible(text)) for name, text in self._pairs(number)]
        return sha256(json.dumps(pairs).encode()).hexdigest()

    def show(self, number: int, side: int) -> Shown:  # noqa: ARG002 - a row has no size in pixels
        """Each column and its cell."""
        pairs = self._pairs(number)
        return Shown(fields=tuple(pairs[place] for place in self.shown))

    def _pairs(self, number: int) -> list[tuple[str, str]]:
        return list(zip(self.columns, self.cells[number], strict=True))


def _array_digest(example: NDArray[np.generic]) -> str:
    example = np.ascontiguousarray(example)
    return sha256(f"{example.dtype.name} {example.shape} ".encode() + example.tobytes()).hexdigest()
