"""Which example of a data set a line of a file is about."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from lsbench.data.items.of_origin import source_in
from lsbench.data.looked_file import LookedLine
from lsbench.data.origin import Origin
from lsbench.data.relabelled.fixes_file import FixLine
from lsbench.data.splits import Splits
from lsbench.errors import InputError
from lsbench.names.encoding import printable


class Examples(NamedTuple):
    """The examples of a data set, as they are numbered and called."""

    counts: Mapping[str, int]  # of train, val and test, in this order
    paths: tuple[str, ...]  # () where they have no names
    numbers: Mapping[str, int]  # of each name; {} where names are missing, or come twice

    @classmethod
    def of(cls, splits: Splits, paths: tuple[str, ...]) -> "Examples":
        """The examples of a data set that is read; paths: training, validation, test."""
        labels = {"train": splits.train_labels, "val": splits.val_labels, "test": splits.test_labels}
        numbers = {printable(path).strip(): number for number, path in enumerate(paths)}
        counts = {part: 0 if own is None else len(own) for part, own in labels.items()}
        return cls(counts, paths, numbers if len(numbers) == len(paths) else {})

    def place(self, number: int) -> tuple[str, int] | None:
        """The part and the place in it of a number of `lsbench order`; None where there is no such example."""
        for part, count in self.counts.items():
            if number < count:
                return part, number
            number -= count
        return None


def place_of_fix(file: str, line: FixLine, examples: Examples) -> tuple[str, int]:
    """By its path, else by its number; `InputError` where there is no such example."""
    number = line.example
    if line.path and examples.numbers:
        number = examples.numbers.get(line.path, -1)
    place = examples.place(number) if number >= 0 else None
    if place is None:
        what = repr(line.path) if line.path and examples.numbers else f"{line.example:,}"
        raise InputError(f"{file}, line {line.line}: there is no example {what}; is the file of another data set?")
    return place


def places_of_looked(
    file: str, lines: Sequence[LookedLine], origin: Origin, splits: Splits, examples: Examples
) -> list[tuple[str, int]]:
    """By the number in the part whose digests are those of the lines; `InputError` where neither part has them.

    All lines of a design are of one part.
    """
    parts: dict[str, str] = {}
    for design in dict.fromkeys(line.design for line in lines):
        some = [line for line in lines if line.design == design]
        parts[design] = _part_of(file, some, origin, splits, examples)
    before = examples.counts["train"]
    named = [(parts[line.design], line.item) for line in lines]
    return [("val", item - before) if part == "train" and item >= before else (part, item) for part, item in named]


def _part_of(file: str, lines: Sequence[LookedLine], origin: Origin, splits: Splits, examples: Examples) -> str:
    strangers = {}
    for part in ("test", "train"):
        source = source_in(origin, part, splits, examples.paths)
        count = len(source.paths)
        strangers[part] = [line for line in lines if line.item >= count or source.digest(line.item) != line.sha256]
        if not strangers[part]:
            return part
    first = min(strangers.values(), key=len)[0]
    raise InputError(
        f"{Path(file).name}, line {first.line}: example {first.item:,} of {origin.text!r} is not the one that was"
        " looked at; the file is of another data set, or the data have changed"
    )
