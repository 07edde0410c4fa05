"""Which images of a set are near-duplicates, and how alike these have to be in this set."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lsbench.data.alike.close_hashes import candidates, differing_bits
from lsbench.data.alike.thumbnails import THUMBNAIL, Floats, Thumbnails, thumbnails_of
from lsbench.data.overlap import equal_images
from lsbench.data.splits import IMAGE_DIMENSIONS, Array

METHOD = 2  # grows when the same images would be alike in another way
LARGEST, LARGEST_SHARE = 20, 0.02  # images of the largest unit, and share of all: what is larger is a chain
AT_ONCE = 100_000  # pairs

Numbers = NDArray[np.int64]


class Level(NamedTuple):
    """How alike two images are at least."""

    correlation: float  # of their thumbnails
    bits: int  # of 64 in which their hashes differ, at most


LEVELS = (Level(0.9, 10), Level(0.93, 10), Level(0.95, 10), Level(0.97, 8), Level(0.98, 8), Level(0.99, 6))


class Alike(NamedTuple):
    """Which examples show the same."""

    numbers: Numbers  # (n,): for each example the first one of its unit, often its own
    level: Level | None  # of near-duplicates; None: only equal examples are together

    @property
    def told(self) -> str:
        """What near-duplicates are here, in words."""
        if self.level is None:
            return "equal, value by value"
        return (
            f"perceptual hashes that differ in at most {self.level.bits} of 64 bits, and thumbnails that correlate with"
            f" at least {self.level.correlation:g}"
        )


class Links(NamedTuple):
    """Pairs of near-duplicates."""

    codes: Numbers  # (p,): i n + j
    correlations: Floats  # (p,)

    def at(self, least: float) -> "Links":
        """Those that are at least so alike."""
        return Links(self.codes[self.correlations >= least], self.correlations[self.correlations >= least])


def alike_examples(*parts: Array) -> Alike:
    """Images (n, C, H, W) whose pictures are the same but for small changes; of vectors (n, d) equal ones.

    parts: one or more, that are numbered on; equal vectors, and images of one grey, are found within each alone.

    Two images are near-duplicates if their perceptual hashes differ in at most 10 of 64 bits and their grey thumbnails,
    16 x 16, correlate with at least 0.9; what near-duplicates are linked to makes one unit. Among images that are all
    of one kind, such as digits, images by different hands are as alike as that, and units grow into chains: images
    must then be more alike, up to a correlation of 0.99, until the largest unit has at most 2 % of the images (or 20).
    Where even that is not enough, only equal ones are together; so it is with images of fewer than 16 x 16 pixels.
    """
    equal = _equal(parts)
    if not are_comparable(parts[0]):
        return Alike(equal, None)
    most = max(LARGEST, int(LARGEST_SHARE * len(equal)), np.bincount(equal).max())
    links, levels = _links(thumbnails_of(parts), equal, most)
    return Alike(linked(equal, links.codes), levels[0]) if levels else Alike(equal, None)


def are_comparable(examples: Array) -> bool:
    """Whether they are images with enough pixels: of fewer the hashes of unrelated ones are close by chance."""
    return examples.ndim == IMAGE_DIMENSIONS and min(examples.shape[2:]) >= THUMBNAIL


def _equal(parts: Sequence[Array]) -> Numbers:
    starts = np.cumsum([0, *map(len, parts[:-1])])
    return np.concatenate([start + equal_images(part) for start, part in zip(starts, parts, strict=True)])


def _links(thumbnails: Thumbnails, equal: Numbers, most: int) -> tuple[Links, list[Level]]:
    """All links at the first of the levels that are left: those at which no unit is larger than `most`."""
    links, levels, checked = Links(np.empty(0, np.int64), np.empty(0, np.float32)), list(LEVELS), 0
    for i, j in candidates(thumbnails.bits):
        links = _more(links, thumbnails, i, j, levels[0])
        if len(links.codes) > 2 * checked:  # units only grow
            links, levels = _tightened(links, levels, equal, most)
            checked = len(links.codes)
        if not levels:
            return links, levels
    return _tightened(links, levels, equal, most)


def _tightened(links: Links, levels: list[Level], equal: Numbers, most: int) -> tuple[Links, list[Level]]:
    """The same without the levels at which a unit is too large."""
    while levels and np.bincount(linked(equal, links.codes)).max() > most:
        levels = levels[1:]
        links = links.at(levels[0].correlation) if levels else links
    return links, levels


def _more(links: Links, thumbnails: Thumbnails, i: Numbers, j: Numbers, level: Level) -> Links:
    """The links with those of further candidates."""
    is_close = differing_bits(thumbnails.hashes[i], thumbnails.hashes[j]) <= level.bits
    i, j = i[is_close], j[is_close]
    codes = np.setdiff1d(np.minimum(i, j) * len(thumbnails.hashes) + np.maximum(i, j), links.codes)
    i, j = np.divmod(codes, len(thumbnails.hashes))
    new = Links(codes, _correlations(thumbnails.pixels, i, j)).at(level.correlation)
    codes = np.concatenate([links.codes, new.codes])
    return Links(codes, np.concatenate([links.correlations, new.correlations]))


def linked(equal: Numbers, codes: Numbers) -> Numbers:
    """(n,): the first example of each one's unit, of those linked by a pair i n + j or by `equal`, directly or not."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(equal)
    i, j = np.divmod(codes, n)
    rows, columns = np.concatenate([np.arange(n), i]), np.concatenate([equal, j])
    units = connected_components(coo_array((np.ones(len(rows), bool), (rows, columns)), (n, n)), directed=False)[1]
    return np.unique(units, return_index=True)[1][units]


def _correlations(pixels: Floats, i: Numbers, j: Numbers) -> Floats:
    """(p,): of the thumbnails of each pair."""
    some = (slice(start, start + AT_ONCE) for start in range(0, len(i), AT_ONCE))
    return np.concatenate([np.empty(0, np.float32), *((pixels[i[part]] * pixels[j[part]]).sum(1) for part in some)])
