"""The examples of a data set in their order, so that labels for them can be made elsewhere."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lsbench.data.describe import read


class Example(NamedTuple):
    """One example, without its image."""

    number: int  # its place among all: training, validation, test; a label file is of the first two
    part: str  # train, val or test
    path: str  # below the folder; "" of other data sets
    number_of_class: int
    label: str  # the name of its class


def examples(name: str, data_dir: Path | None = None) -> Iterator[Example]:
    """Every example of the data set of that name, see `describe`, in order."""
    splits, description = read(name, data_dir)
    parts = {"train": splits.train_labels, "val": splits.val_labels, "test": splits.test_labels}
    number = 0
    for part, labels in parts.items():
        for label in [] if labels is None else np.asarray(labels).tolist():
            path = description.paths[number] if description.paths else ""
            yield Example(number, part, path, label, description.class_names[label])
            number += 1
