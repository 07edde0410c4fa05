"""Computes the features that are missing, in blocks that survive an interruption and that several runs share."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

from lsbench.data.features.blocks import Block, in_blocks, read_block, remove_blocks
from lsbench.data.features.files import require_room
from lsbench.data.features.frozen import Network
from lsbench.data.features.images import Images
from lsbench.data.features.lock import NETWORKS
from lsbench.data.features.progress import progress
from lsbench.data.features.sets import FeatureSet, read_set, set_folder, write_set
from lsbench.data.folder.parallel import cores

if TYPE_CHECKING:
    from lsbench.data.features.work import Work

LOOK_AGAIN = 0.2  # seconds between two looks at what another process works on
COPIES = 2 * 4  # bytes on disk for each number: in the blocks, and in the set until these are removed


def features_of(images: Images, network: Network, cache: Path) -> FeatureSet:
    """The features of all images, memory-mapped: from the cache, or computed now and kept.

    Blocks that are finished, by this process or another one, now or earlier, are not computed again. `InputError`: a
    network that fails. `StorageError`: a cache that can't be written, or has no room.
    """
    folder = cache / network.key
    place = set_folder(folder, images.digests)
    return read_set(place) or _computed(images, network, folder, place)


def _computed(images: Images, network: Network, folder: Path, place: Path) -> FeatureSet:
    blocks = in_blocks(images.digests)
    require_room(folder / "blocks", COPIES * network.width * len(images.digests))
    while (ready := read_set(place)) is None:
        _finish_blocks(images, network, folder, place, blocks)
        outcomes = [read_block(folder / "blocks", block) for block in blocks]
        whole = [outcome for outcome in outcomes if outcome is not None]
        if len(whole) == len(blocks):  # else another run has put them together, and removed some
            write_set(place, images.digests, blocks, whole)
    remove_blocks(folder / "blocks", blocks)
    return ready


def _finish_blocks(images: Images, network: Network, folder: Path, place: Path, blocks: Sequence[Block]) -> None:
    """Work on what nobody works on, until every block is finished by somebody."""
    waiting = [block for block in blocks if read_block(folder / "blocks", block) is None]
    if not waiting:
        return
    from lsbench.data.features.extract import Extractor, threads_kept  # torch
    from lsbench.data.features.work import Work

    what = f"features of {len(images.digests):,} images of {images.what} by {network.text}"
    with progress(what, sum(len(block.digests) for block in waiting)) as tell, NETWORKS, threads_kept():
        work = Work(images, Extractor(network), folder, place, tell)
        while waiting:
            left = _work_once(work, waiting)
            if len(left) == len(waiting):
                sleep(LOOK_AGAIN)
            waiting = left


def _work_once(work: "Work", waiting: Sequence[Block]) -> list[Block]:
    """Each block to the next free thread; those left that another process works on.

    Whatever ends this early lets the threads end with the images that they have in hand. Raises what failed first.
    """
    with ThreadPoolExecutor(min(cores(), len(waiting))) as pool:
        try:
            left = [block for block, done in zip(waiting, pool.map(work.finish, waiting), strict=True) if not done]
        except BaseException:  # the user interrupts
            work.stop.set()
            raise
    if work.failure:
        raise work.failure
    return left
