"""What a data set promises: sound images and labels, the same ones each time."""

from collections.abc import Iterator
from pathlib import Path

import torch

from lsbench.contract.outcome import Outcome, run_checks
from lsbench.data.dataset import Dataset, load
from lsbench.data.describe import describe


def check_dataset(name: str, data_dir: Path | None = None) -> Iterator[Outcome]:
    """The contract of a data set, check by check; without the first there are no others."""
    (first,) = run_checks({"it is found and read, the same each time": lambda: _read(name, data_dir)}.items())
    yield first
    if first.kept:
        data = load(name, data_dir)
        checks = {
            "every class is in the training and the test set": lambda: _classes(data),
            "images vary": lambda: _vary(data),
            "no test image is a training image": lambda: _overlap(data),
        }
        yield from run_checks(checks.items())


def _read(name: str, data_dir: Path | None) -> str:
    describe(name, data_dir)
    load(name, data_dir)  # which reads a function's data again, and compares
    return ""


def _classes(data: Dataset) -> str:
    for part, labels in (("training", data.labels), ("test", data.test_labels)):
        counts = torch.bincount(labels, minlength=data.num_classes)
        if not counts.all():
            return f"class {int(counts.argmin())} has no example in the {part} set"
    return ""


def _vary(data: Dataset) -> str:
    return "all training images are the same" if not (data.images != data.images[:1]).any() else ""


def _overlap(data: Dataset) -> str:
    seen = {image.numpy().tobytes() for image in data.images}
    count = sum(image.numpy().tobytes() in seen for image in data.test_images)
    return f"{count:,} of {len(data.test_images):,} are; what is measured on them is memory" if count else ""
