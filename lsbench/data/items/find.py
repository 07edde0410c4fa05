"""Where the examples of a part are."""

from pathlib import Path

import numpy as np

from lsbench.data.describe import describe, read
from lsbench.data.description import Description
from lsbench.data.items.item import Source
from lsbench.data.items.rows import row_part
from lsbench.data.items.sources import FolderPart, ImagePart, VectorPart
from lsbench.data.origin import FOLDER, TABLE, find_origin
from lsbench.data.splits import IMAGE_DIMENSIONS, Splits
from lsbench.errors import require_choice
from lsbench.names.dataset_name import of_images

PARTS = ("test", "train")


def source_of(name: str, part: str, data_dir: Path | None = None) -> Source:
    """The examples of a part: of features the images that these are of."""
    require_choice("part", part, PARTS)
    name = of_images(name)
    origin = find_origin(name, data_dir)
    if origin.kind == FOLDER:
        return FolderPart(Path(origin.target), _paths(describe(name, data_dir), part))
    splits, description = read(name, data_dir)
    if origin.kind == TABLE:
        return row_part(origin, part, splits.columns, _paths(description, part), description.num_classes)
    examples = _examples(splits, part)
    names = _paths(description, part) or ("",) * len(examples)
    if examples.ndim == IMAGE_DIMENSIONS:
        return ImagePart(examples, names)
    return VectorPart(examples, splits.columns, names)


def _paths(description: Description, part: str) -> tuple[str, ...]:
    before = description.train_examples + description.val_examples
    return description.paths[before:] if part == "test" else description.paths[:before]


def _examples(splits: Splits, part: str) -> np.ndarray:
    """Of `train`, the set's own validation examples follow the training examples, as `lsbench order` has them."""
    if part == "test":
        return np.asarray(splits.test_images)
    if splits.val_images is None:
        return np.asarray(splits.train_images)
    return np.concatenate([np.asarray(splits.train_images), np.asarray(splits.val_images)])
