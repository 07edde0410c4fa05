"""What was read of a data set, in lines: its images, its parts, its classes with their counts."""

from collections.abc import Iterator

import numpy as np

from lsbench.data.describe import Description
from lsbench.data.splits import Splits

MOST = 30  # classes that are listed


def lines_of(splits: Splits, known: Description) -> Iterator[str]:
    """Sizes and classes; in a table, per class the examples of each part."""
    parts = {"training": splits.train_labels, "validation": splits.val_labels, "test": splits.test_labels}
    labels = {part: np.asarray(of) for part, of in parts.items() if of is not None}
    counts = {part: np.bincount(of, minlength=known.num_classes).tolist() for part, of in labels.items()}
    values = np.asarray(splits.train_images[:1]).dtype
    sizes = ", ".join(f"{len(of):,} {part}" for part, of in labels.items())
    yield f"images: {sizes}; {'x'.join(map(str, known.shape))} (channels, height, width), {values}"
    names = [name if name == str(i) else f"{i} {name}" for i, name in enumerate(known.class_names)]
    width = max(map(len, [*names[:MOST], "class"]))
    yield "  ".join([f"{'class':{width}}", *(f"{part:>10}" for part in counts)])
    for i, name in enumerate(names[:MOST]):
        yield "  ".join([f"{name:{width}}", *(f"{of[i]:>10,}" for of in counts.values())])
    if len(names) > MOST:
        yield f"and {len(names) - MOST:,} classes more; `lsbench order` lists every example"
