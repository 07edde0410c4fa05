"""What a data set promises: sound images and labels, the same ones each time."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from lsbench.data.dataset import check_splits
from lsbench.data.describe import Description, describe, read
from lsbench.data.doubts import find_equal, find_missing, find_shared
from lsbench.data.splits import Splits
from lsbench.training.contract.outcome import Outcome, run_checks
from lsbench.training.contract.reading import lines_of


def check_dataset(name: str, data_dir: Path | None = None) -> Iterator[Outcome]:
    """The contract of a data set, check by check; without the first there are no others."""
    found: list[tuple[Splits, Description]] = []
    outcomes = run_checks(
        {
            "it is found and read, the same each time": lambda: _read(name, data_dir, found),
            "every class is in the training set": lambda: _missing("training", *found[0]),
            "every class is in the test set": lambda: _missing("test", *found[0]),
            "images vary": lambda: find_equal(found[0][0]),
            "fewer than 1 % of the test images are training images": lambda: find_shared(found[0][0]),
        },
        basic=1,
    )
    yield replace(next(outcomes), lines=tuple(lines_of(*found[0])) if found else ())
    yield from outcomes


def _read(name: str, data_dir: Path | None, found: list[tuple[Splits, Description]]) -> str:
    describe(name, data_dir)
    splits, known = read(name, data_dir)  # a function's data again, and compared
    check_splits(name, splits, known.num_classes)
    found.append((splits, known))
    return ""


def _missing(part: str, splits: Splits, known: Description) -> str:
    labels = splits.train_labels if part == "training" else splits.test_labels
    return find_missing(part, labels, known.num_classes, known.class_names)
