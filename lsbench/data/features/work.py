"""One block after the other, each by one thread of one process."""

import threading
from pathlib import Path

import numpy as np

from lsbench.data.features.blocks import Block, Outcome, lock_of, read_block, write_block
from lsbench.data.features.earlier import Earlier
from lsbench.data.features.extract import Extractor
from lsbench.data.features.images import Images
from lsbench.data.features.lock import held
from lsbench.data.features.sets import read_set
from lsbench.data.folder.image_file import BROKEN
from lsbench.data.folder.parallel import Tell
from lsbench.data.folder.progress import say
from lsbench.errors import InputError

LONGEST_REASON = 80  # characters


class StoppedError(Exception):
    """Another thread failed, or the user interrupts: what is not finished is given up."""


class Work:
    """What the threads share."""

    def __init__(self, images: Images, extractor: Extractor, folder: Path, place: Path, tell: Tell) -> None:
        self.images: Images = images
        self.extractor: Extractor = extractor
        self.blocks: Path = folder / "blocks"
        self.place: Path = place  # of the whole set, once it is put together
        self.earlier: Earlier = Earlier(folder)
        self.tell: Tell = tell
        self.stop: threading.Event = threading.Event()
        self.failure: Exception | None = None  # the first
        self.said: bool = False

    def finish(self, block: Block) -> bool:
        """See that a block is finished; False where another process is working on it, or all is to be stopped."""
        try:
            return not self.stop.is_set() and self._finish(block)
        except StoppedError:
            return False
        except Exception as error:  # noqa: BLE001 - raised again by who waits, once the other threads have stopped
            self.failure = self.failure or error
            self.stop.set()
            return False

    def _finish(self, block: Block) -> bool:
        with held(lock_of(self.blocks, block)) as is_mine:
            if is_mine and not self._is_finished(block):
                write_block(self.blocks, block, self._outcome(block))
        if is_mine:
            self.tell(len(block.digests))
        return is_mine

    def _is_finished(self, block: Block) -> bool:
        return read_block(self.blocks, block) is not None or read_set(self.place) is not None

    def _outcome(self, block: Block) -> Outcome:
        features = np.zeros((len(block.places), self.extractor.network.width), np.float32)
        reasons = [""] * len(block.places)
        new: list[int] = []
        for i, digest in enumerate(block.digests):
            row = self.earlier.get(digest)
            if row is None:
                new.append(i)
            else:
                features[i] = row
        for start in range(0, len(new), self.extractor.at_once):
            self._extract(block, new[start : start + self.extractor.at_once], features, reasons)
        return Outcome(features, tuple(reasons))

    def _extract(self, block: Block, rows: list[int], features: np.ndarray, reasons: list[str]) -> None:
        """Fill the rows of some images of the block, and why those that can't be read can't."""
        if self.stop.is_set():
            raise StoppedError
        good, pixels = [], []
        for row in rows:
            try:
                pixels.append(self.images.load(block.places[row]))
                good.append(row)
            except InputError:  # a ValueError, but not the image's fault
                raise
            except BROKEN as error:
                reasons[row] = _first_line(error)
                self._say_once(f"{self.images.name(block.places[row])} can't be read ({reasons[row]})")
        if good:
            features[good] = self.extractor(pixels)
            self._require_finite(block, good, features)

    def _say_once(self, text: str) -> None:
        """At once, as all of them are only named in the end, when the others are computed and kept."""
        if not self.said:
            self.said = True
            say(f"{text}; the other images are computed and kept")

    def _require_finite(self, block: Block, rows: list[int], features: np.ndarray) -> None:
        for row in rows:
            if not np.isfinite(features[row]).all():
                name = self.images.name(block.places[row])
                raise InputError(f"the network {self.extractor.network.text} makes NaN or inf of {name}")


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).partition("\n")[0][:LONGEST_REASON]
