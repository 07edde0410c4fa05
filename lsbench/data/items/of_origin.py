"""Where the examples of a part are, of a data set that is read already."""

from pathlib import Path

import numpy as np

from lsbench.data.items.item import Source
from lsbench.data.items.kinds import FolderPart, ImagePart, VectorPart
from lsbench.data.items.rows import row_part
from lsbench.data.origin import FOLDER, TABLE, Origin
from lsbench.data.splits import IMAGE_DIMENSIONS, Splits


def source_in(origin: Origin, part: str, splits: Splits, paths: tuple[str, ...]) -> Source:
    """The examples of `train` or `test`; paths: of all, training, validation, test.

    Of `train`, the set's own validation examples follow the training examples, as `lsbench order` has them.
    """
    own = _paths(splits, part, paths)
    if origin.kind == FOLDER:
        return FolderPart(Path(origin.target), own)
    if origin.kind == TABLE:
        return row_part(origin, part, splits.columns, own, len(splits.classes))
    examples = _examples(splits, part)
    names = own or ("",) * len(examples)
    if examples.ndim == IMAGE_DIMENSIONS:
        return ImagePart(examples, names)
    return VectorPart(examples, splits.columns, names)


def _paths(splits: Splits, part: str, paths: tuple[str, ...]) -> tuple[str, ...]:
    before = len(splits.train_labels) + (0 if splits.val_labels is None else len(splits.val_labels))
    return paths[before:] if part == "test" else paths[:before]


def _examples(splits: Splits, part: str) -> np.ndarray:
    if part == "test":
        return np.asarray(splits.test_images)
    if splits.val_images is None:
        return np.asarray(splits.train_images)
    return np.concatenate([np.asarray(splits.train_images), np.asarray(splits.val_images)])
