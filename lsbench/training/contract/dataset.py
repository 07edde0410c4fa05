"""What a data set promises: sound images and labels, the same ones each time."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from lsbench.data.class_names import class_name_doubts
from lsbench.data.dataset import check_splits
from lsbench.data.describe import Description, describe, groups_of, read
from lsbench.data.doubts import find_equal, find_missing, find_shared
from lsbench.data.splits import Splits
from lsbench.training.contract.checking import CheckResult, run_checks
from lsbench.training.contract.dataset_text import lines_of


def check_dataset(name: str, data_dir: Path | None = None) -> Iterator[CheckResult]:
    """The contract of a data set, check by check; without the first there are no others."""
    readings: list[tuple[Splits, Description]] = []
    results = run_checks(
        {
            "it is found and read, the same each time": lambda: _read(name, data_dir, readings),
            "every class is in the training set": lambda: _missing("training", *readings[0]),
            "every class is in the test set": lambda: _missing("test", *readings[0]),
            "the examples vary": lambda: find_equal(readings[0][0]),
            "fewer than 1 % of the test examples equal a training example": lambda: find_shared(readings[0][0]),
        },
        basic=1,
    )
    yield replace(next(results), lines=tuple(_lines(name, data_dir, *readings[0])) if readings else ())
    yield from results


def _read(name: str, data_dir: Path | None, readings: list[tuple[Splits, Description]]) -> str:
    describe(name, data_dir)
    splits, description = read(name, data_dir)  # a function's data again, and compared
    check_splits(name, splits, description.num_classes)
    readings.append((splits, description))
    return ""


def _lines(name: str, data_dir: Path | None, splits: Splits, description: Description) -> Iterator[str]:
    """What was read, and what is doubtful about it that no promise is about."""
    yield from lines_of(splits, description)
    groups = groups_of(name, data_dir)
    for doubt in (*class_name_doubts(description.class_names), *splits.doubts, groups.overlap() if groups else ""):
        if doubt:
            yield f"warning: {doubt}"


def _missing(part: str, splits: Splits, description: Description) -> str:
    labels = splits.train_labels if part == "training" else splits.test_labels
    return find_missing(part, labels, description.num_classes, description.class_names)
