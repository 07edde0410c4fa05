"""How many examples of each class a cell trains on, holds out and is tested on."""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from lsbench.data.describe import Description


def class_counts(labels: Tensor, num_classes: int) -> list[int]:
    """How many of the labels (n,) are 0, 1, ... num_classes - 1."""
    return labels.cpu().bincount(minlength=num_classes).tolist()


def count_parts(
    train: Tensor, held_out: Tensor, test: Tensor, classes: Sequence[str], num_classes: int
) -> dict[str, Any]:
    """What a row keeps of its data: {"classes": their names, and per part the examples of each class}, see `notes_of`.

    Labels (n,): of the training and the held-out part as given, wrong ones included; of the test set as published.
    """
    parts = {"train": train, "held_out": held_out, "test": test}
    return {"classes": list(classes), **{name: class_counts(labels, num_classes) for name, labels in parts.items()}}


def notes_of(
    description: Description, annotators: Mapping[str, Any] | None = None, note: str = ""
) -> dict[str, list[Any] | dict[str, Any]]:
    """What else a row keeps of its data, where there is any: notes, the map of the labels, how far people disagree.

    The last are of the data set's own labels, or those given here with a note: of labels that took their place.
    """
    more = {
        "notes": [*description.notes, *([note] if note else [])],
        "label_map": list(description.label_map),
        "annotators": dict(annotators or description.annotators),
    }
    return {name: value for name, value in more.items() if value}
