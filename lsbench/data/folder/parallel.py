"""One function over many images, by threads: Pillow decodes outside Python's lock."""

import os
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

from lsbench.data.folder.image_file import BROKEN

AT_ONCE = 32  # images per task of a thread

Item = TypeVar("Item")
Result = TypeVar("Result")
Tell = Callable[[int], None]  # told how many more images are done


class Failure(NamedTuple):
    """Why an image gave no result."""

    reason: str


def each(work: Callable[[Item], Result], items: Sequence[Item], tell: Tell) -> list[Result | Failure]:
    """The result for each item, in order, or its `Failure`."""

    def some(start: int) -> list[Result | Failure]:
        return [_tried(work, item) for item in items[start : start + AT_ONCE]]

    outcomes: list[Result | Failure] = []
    with warnings.catch_warnings(), ThreadPoolExecutor(cores()) as pool:
        warnings.simplefilter("ignore")  # Pillow's, of an odd but readable file
        for results in pool.map(some, range(0, len(items), AT_ONCE)):
            outcomes += results
            tell(len(results))
    return outcomes


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _tried(work: Callable[[Item], Result], item: Item) -> Result | Failure:
    try:
        return work(item)
    except BROKEN as error:
        return Failure((str(error) or type(error).__name__).partition("\n")[0])
