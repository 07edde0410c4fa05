"""Finished work that survives an interruption: the features of a few images, in a file each."""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lsbench.data.archive import DAMAGED
from lsbench.data.features.files import as_npz, write_whole

IMAGES = 32  # in a block: what an interruption may cost each core


class Block(NamedTuple):
    """Some neighbours among the images, each by its place among all and by the digest of its content."""

    places: tuple[int, ...]
    digests: tuple[str, ...]

    @property
    def name(self) -> str:
        """32 hex digits: another one once one of its images is."""
        return sha256(" ".join(self.digests).encode()).hexdigest()[:32]


class Outcome(NamedTuple):
    """What was made of the images of a block."""

    features: np.ndarray  # (images, width), float32; 0 of images that can't be read
    reasons: tuple[str, ...]  # why an image can't be read, "" where it can


def in_blocks(digests: Sequence[str]) -> list[Block]:
    """All images, in order, each content once."""
    first = {digest: place for place, digest in reversed(list(enumerate(digests)))}
    unique = sorted((place, digest) for digest, place in first.items())
    groups = [unique[start : start + IMAGES] for start in range(0, len(unique), IMAGES)]
    return [Block(*zip(*group, strict=True)) for group in groups]


def path_of(folder: Path, block: Block) -> Path:
    """The file of a block."""
    return folder / f"{block.name}.npz"


def write_block(folder: Path, block: Block, outcome: Outcome) -> None:
    """Keep a finished block; `StorageError`."""
    arrays = {"digests": np.array(block.digests), "reasons": np.array(json.dumps(outcome.reasons))}
    write_whole(path_of(folder, block), as_npz(features=outcome.features, **arrays))


def read_block(folder: Path, block: Block) -> Outcome | None:
    """A finished block; None where it is not there, or damaged."""
    with suppress(*DAMAGED), np.load(path_of(folder, block), allow_pickle=False) as arrays:
        return Outcome(arrays["features"], tuple(json.loads(str(arrays["reasons"]))))
    return None


def remove_blocks(folder: Path, blocks: Sequence[Block]) -> None:
    """Delete what is kept elsewhere by now, and what runs that were killed had begun to write of it."""
    names = {block.name for block in blocks}
    for path in list(folder.iterdir()):
        if path.name.lstrip(".").partition(".")[0] in names:
            with suppress(OSError):
                path.unlink()


def lock_of(folder: Path, block: Block) -> Path:
    """The file whose lock means that somebody works on the block."""
    return folder / f"{block.name}.lock"


def digests_in(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """Each block's file and the images in it that could be read."""
    for path in sorted(folder.glob("*.npz")):
        with suppress(*DAMAGED), np.load(path, allow_pickle=False) as arrays:
            reasons = json.loads(str(arrays["reasons"]))
            yield path, [str(d) if not r else "" for d, r in zip(arrays["digests"], reasons, strict=True)]
