"""Which examples of a design people are asked about now, as they see them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from math import ceil
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lsbench.data.describe import read
from lsbench.data.items import Item, digests, items
from lsbench.errors import InputError
from lsbench.names.dataset_name import of_images, quoted
from lsbench.names.reference import IN_PROCESS
from lsbench.rows.looks import StoredDesign, Verified
from lsbench.rows.status import TEST

PERMANENT = 1  # of the random numbers that choose for a second person, beside those that give the order


class Asked(NamedTuple):
    """One question of a page."""

    rank: int  # the example's place in the order
    item: Item
    size: float  # q_i


def labels_now(name: str, part: str, data_dir: Path | None) -> tuple[np.ndarray, tuple[str, ...]]:
    """The labels of a part as the data set has them now, and the names of the classes. Features are left aside.

    `InputError`: data that are not there, or that `lsbench.compare` was given as objects.
    """
    if name.startswith(IN_PROCESS):
        raise InputError(
            f"the rows are of data that lsbench.compare was given as Python objects, {name!r}, and no command can show"
            " these; write them to a file (.npz, .csv, or a folder of images), and train with that"
        )
    splits, description = read(of_images(name), data_dir)
    parts = [splits.test_labels] if part == TEST else [splits.train_labels, splits.val_labels]
    return np.concatenate([np.asarray(some) for some in parts if some is not None]), description.class_names


def require_unchanged(design: StoredDesign, labels: np.ndarray, classes: Sequence[str]) -> None:
    """Raise an `InputError` unless the data set is the one that the rows were trained on, by its labels and classes.

    Where test labels were made wrong, those of the data set are not the rows'; then their number and classes count.
    """
    enough = len(labels) > design.numbers.max()
    same = enough and (bool(design.test_noise) or np.array_equal(labels[design.numbers], design.given))
    whole = design.part != TEST or len(labels) == design.count
    if not (same and whole) or tuple(classes) != design.classes:
        raise InputError(
            f"data set {quoted(design.dataset)} is not what it was when its rows were trained: other {design.part}"
            " labels or classes; train again, or bring back the data as they were"
        )


def with_digests(design: StoredDesign, count: int, data_dir: Path | None) -> StoredDesign:
    """The design, with the digests of the first `count` items of its order; those that it has are compared.

    `InputError`: an item that is another one by now.
    """
    numbers = design.numbers[design.order[: max(count, len(design.digests))]].tolist()
    now = tuple(digests(design.dataset, design.part, numbers, data_dir))
    for number, before, after in zip(numbers, design.digests, now, strict=False):
        if before != after:
            raise InputError(
                f"item {number} of the {design.part} part of {quoted(design.dataset)} is another one than when people"
                " were asked about it; bring back the data as they were, or begin again with another --seed"
            )
    return replace(design, digests=now)


def asked(design: StoredDesign, ranks: Sequence[int], data_dir: Path | None = None) -> list[Asked]:
    """The questions about the examples at these places of the order."""
    places = design.order[list(ranks)]
    shown = items(design.dataset, design.part, design.numbers[places].tolist(), data_dir)
    return [Asked(rank, item, float(size)) for rank, item, size in zip(ranks, shown, design.sizes[places], strict=True)]


def ranks_without_answer(count: int, answered: Collection[int]) -> list[int]:
    """The places before `count` that have no answer yet."""
    return [rank for rank in range(count) if rank not in answered]


def ranks_for_second(verified: Verified, share: float) -> list[int]:
    """The places to ask a second person about: a random share of those looked at, and all whose label was changed.

    Random, so that agreement can be told of all; with the changed ones, as these move the verdict.
    """
    chances = np.random.default_rng((verified.design.seed, PERMANENT)).random(verified.design.count)
    drawn = np.argsort(chances[: verified.n], kind="stable")[: ceil(share * verified.n)]
    return sorted({*drawn.tolist(), *np.flatnonzero(verified.changed).tolist()})
