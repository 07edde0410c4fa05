"""The features of all images of a data set, in order, as one memory-mapped array."""

import json
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import numpy as np
from numpy.lib.format import open_memmap

from lsbench.data.archive import ODD
from lsbench.data.features.blocks import Block, Outcome
from lsbench.data.features.files import HINT
from lsbench.errors import StorageError

FORMAT = 1


class FeatureSet(NamedTuple):
    """What is known of all images."""

    features: np.ndarray  # (images that can be read, width), float32, memory-mapped
    reasons: dict[int, str]  # the place of an image that can't be read -> why


def set_folder(folder: Path, digests: Sequence[str]) -> Path:
    """Where the features of these images, in this order, are kept."""
    return folder / "sets" / sha256(" ".join(digests).encode()).hexdigest()[:32]


def read_set(place: Path) -> FeatureSet | None:
    """None where it is not there, or damaged."""
    with suppress(*ODD):
        described = json.loads((place / "set.json").read_text())
        features = np.load(place / "features.npy", mmap_mode="r", allow_pickle=False)
        reasons = {int(i): str(reason) for i, reason in described["reasons"].items()}
        if (described["format"], features.shape) == (FORMAT, tuple(described["shape"])):
            return FeatureSet(features, reasons)
    return None


def write_set(place: Path, digests: Sequence[str], blocks: Sequence[Block], outcomes: Sequence[Outcome]) -> None:
    """Put the blocks' outcomes, which come in their order, together, and keep them as a whole; `StorageError`."""
    beside = place.with_name(f".{place.name}.{uuid4().hex}")
    try:
        beside.mkdir(parents=True)
        _write(beside, digests, blocks, outcomes)
        if place.exists() and read_set(place) is None:
            shutil.rmtree(place, ignore_errors=True)  # damaged
        os.replace(beside, place)
        _remove_unfinished(place)
    except OSError as error:
        if read_set(place) is None:  # else another process was first
            raise StorageError(
                f"can't write features into {place.parent} ({error.strerror or error}); {HINT}"
            ) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def digests_of(place: Path) -> list[str]:
    """Of each row of a set the image's digest; [] where they can't be read."""
    with suppress(*ODD):
        return (place / "digests.txt").read_text().split()
    return []


def _write(folder: Path, digests: Sequence[str], blocks: Sequence[Block], outcomes: Sequence[Outcome]) -> None:
    at = {digest: (b, row) for b, block in enumerate(blocks) for row, digest in enumerate(block.digests)}
    reason_of = {digest: outcomes[b].reasons[row] for digest, (b, row) in at.items()}
    good = [digest for digest in digests if not reason_of[digest]]
    shape = len(good), outcomes[0].features.shape[1]
    if good:
        features = open_memmap(folder / "features.npy", "w+", np.dtype(np.float32), shape)
        for i, (b, row) in enumerate(at[digest] for digest in good):
            features[i] = outcomes[b].features[row]
        features.flush()
    else:  # which can't be mapped
        np.save(folder / "features.npy", np.zeros(shape, np.float32), allow_pickle=False)
    (folder / "digests.txt").write_text("\n".join(good))
    reasons = {i: reason_of[digest] for i, digest in enumerate(digests) if reason_of[digest]}
    (folder / "set.json").write_text(json.dumps({"format": FORMAT, "shape": shape, "reasons": reasons}))


def _remove_unfinished(place: Path) -> None:
    """What runs that were killed had begun to write of the set."""
    for beside in place.parent.glob(f".{place.name}.*"):
        shutil.rmtree(beside, ignore_errors=True)
