"""Examples of a data set's part by their numbers."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from lsbench.data.folder.parallel import Failure, each
from lsbench.data.items.find import source_of
from lsbench.data.items.item import Item, Source
from lsbench.errors import InputError
from lsbench.names.few import few

SIDE = 512  # pixels
SHOWN = 5  # of the examples that can't be read, by name
WITHOUT_PATH = re.compile(r":? '.*'$")  # that an error of the system, or Pillow's, repeats in full
Result = TypeVar("Result")


def items(
    name: str, part: str, numbers: Sequence[int], data_dir: Path | None = None, *, side: int = SIDE
) -> list[Item]:
    """The examples of these numbers as a person sees them, in this order.

    part: `test`, numbered from 0 in the order of the test set; or `train`, with the numbers of `lsbench order`. Of a
    data set of features the images are shown. side: pixels of the longer side of a picture, at most. `InputError`: a
    number that is not there, an image that can't be read.
    """
    source = _source(name, part, numbers, data_dir)
    shown = _each(source, numbers, lambda number: (source.digest(number), source.show(number, side)))
    return [
        Item(number, source.paths[number], digest, *seen_of)
        for number, (digest, seen_of) in zip(numbers, shown, strict=True)
    ]


def digests(name: str, part: str, numbers: Sequence[int], data_dir: Path | None = None) -> list[str]:
    """The digest of each, as `items` has it, without decoding a picture."""
    source = _source(name, part, numbers, data_dir)
    return _each(source, numbers, source.digest)


def paths(name: str, part: str, numbers: Sequence[int], data_dir: Path | None = None) -> list[str]:
    """What each is called, as `items` has it."""
    source = _source(name, part, numbers, data_dir)
    return [source.paths[number] for number in numbers]


def _source(name: str, part: str, numbers: Sequence[int], data_dir: Path | None) -> Source:
    source = source_of(name, part, data_dir)
    count = len(source.paths)
    if outside := [number for number in numbers if not 0 <= number < count]:
        raise InputError(
            f"no {part} example {outside[0]:,} in {name!r}, which has {count:,} (0 to {count - 1:,}); has the data set"
            " changed?"
        )
    return source


def _each(source: Source, numbers: Sequence[int], work: Callable[[int], Result]) -> list[Result]:
    """By threads; all that can't be read are named in one `InputError`, up to 5."""
    outcomes = each(work, numbers, lambda _: None)
    reasons = [
        f"{source.paths[number]!r} ({WITHOUT_PATH.sub('', outcome.reason)})"
        for number, outcome in zip(numbers, outcomes, strict=True)
        if isinstance(outcome, Failure)
    ]
    if reasons:
        raise InputError(f"can't read {few(reasons, SHOWN)}; are the files where they were?")
    return [outcome for outcome in outcomes if not isinstance(outcome, Failure)]
