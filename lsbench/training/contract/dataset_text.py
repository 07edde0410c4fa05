"""What was read of a data set, in lines: its images, its parts, its classes with their counts."""

from collections.abc import Iterator

import numpy as np

from lsbench.data.alike.across import alike_across
from lsbench.data.describe import Description
from lsbench.data.splits import Splits
from lsbench.names.dataset_name import is_of_catalogue
from lsbench.rows.status import PUBLISHED

MOST_CLASSES = 30  # that are listed
AS_GIVEN = "as given; nobody knows which are wrong, unless you vouch for them (lsbench run --trust)"


def lines_of(splits: Splits, description: Description) -> Iterator[str]:
    """Sizes and classes; in a table, per class the examples of each part."""
    parts = {"training": splits.train_labels, "validation": splits.val_labels, "test": splits.test_labels}
    labels = {part: np.asarray(own) for part, own in parts.items() if own is not None}
    counts = {part: np.bincount(own, minlength=description.num_classes).tolist() for part, own in labels.items()}
    values = np.asarray(splits.train_images[:1]).dtype
    sizes = ", ".join(f"{len(own):,} {part}" for part, own in labels.items())
    yield f"{description.noun}: {sizes}; {_shape_text(description)}, {values}"
    yield f"labels: {PUBLISHED if is_of_catalogue(description.name) else AS_GIVEN}"
    names = [name if name == str(i) else f"{i} {name}" for i, name in enumerate(description.class_names)]
    width = max(map(len, [*names[:MOST_CLASSES], "class"]))
    yield "  ".join([f"{'class':{width}}", *(f"{part:>10}" for part in counts)])
    for i, name in enumerate(names[:MOST_CLASSES]):
        yield "  ".join([f"{name:{width}}", *(f"{count[i]:>10,}" for count in counts.values())])
    if len(names) > MOST_CLASSES:
        yield f"and {len(names) - MOST_CLASSES:,} classes more; `lsbench order` lists every example"
    if across := alike_across(splits):
        yield f"near-duplicates: {across}"


def _shape_text(description: Description) -> str:
    if description.is_vectors:
        return f"vectors of {description.shape[0]:,} numbers"
    return f"{'x'.join(map(str, description.shape))} (channels, height, width)"
