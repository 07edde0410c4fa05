"""Features that earlier runs made of single images, wherever these are kept: an image that is added costs itself."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from lsbench.data.archive import ODD
from lsbench.data.features.blocks import digests_in
from lsbench.data.features.sets import digests_of, read_set


class Earlier:
    """Looks up an image's features by the digest of its content, among the sets and blocks of one network."""

    def __init__(self, folder: Path) -> None:
        self._rows: dict[str, tuple[Path, int]] = {}  # digest -> a set's folder or a block's file, and the row there
        for path, digests in digests_in(folder / "blocks"):
            self._rows |= {digest: (path, row) for row, digest in enumerate(digests)}
        for place in sorted((folder / "sets").glob("[!.]*")):  # these stay, where blocks are removed in the end
            self._rows |= {digest: (place, row) for row, digest in enumerate(digests_of(place))}

    def get(self, digest: str) -> np.ndarray | None:
        """The features (width,), or None."""
        if digest not in self._rows:
            return None
        path, row = self._rows[digest]
        features = _features(path)
        return None if features is None else features[row]


@lru_cache(maxsize=8)
def _features(path: Path) -> np.ndarray | None:
    """Of a set or a block; None where it was removed or is damaged."""
    try:
        if path.suffix != ".npz":
            kept = read_set(path)
            return kept and kept.features
        with np.load(path, allow_pickle=False) as arrays:
            return arrays["features"]
    except ODD:
        return None
