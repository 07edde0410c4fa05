"""Where the extra inputs of a kind of noise come from: the data set, its description, or the file in the noise's name.

Each of them has an entry in `catalogue.NOISE_INPUTS`, which names its function here. No torch here: `plan` reads them.
"""

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lsbench.data.describe import Description
from lsbench.errors import InputError
from lsbench.names.catalogue import NOISE_INPUTS, NOISES, NoiseInput
from lsbench.names.dataset_name import quoted
from lsbench.names.registry import load, lookup
from lsbench.noise.files import base_kind, choice_of, file_input, has_file, read_labels, read_matrix

if TYPE_CHECKING:  # numpy and torch are for those who need an array
    import numpy as np
    from torch import Tensor

    from lsbench.data.dataset import Dataset
    from lsbench.data.votes import Votes


def inputs_of(noise: str, description: Description, data: "Dataset") -> dict[str, Any]:
    """What a kind of noise takes beside labels and a rate, by the keywords of `flip_labels`.

    noise is a name of the catalogue, or a full one with a file in it. `InputError`: an input that cannot be had.
    """
    return {name: _value(name, noise, description, data) for name in NOISES[base_kind(noise)].inputs}


def require_inputs(noise: str, description: Description) -> None:
    """Raise an `InputError` for an input that cannot be had, as far as the description of the data set tells."""
    for name in NOISES[base_kind(noise)].inputs if base_kind(noise) in NOISES else ():
        if _entry(name).from_description:
            _value(name, noise, description, None)


def content_hash(noise: str, description: Description) -> str:
    """16 hex digits of what is in the file of the noise; "" for a kind without a file.

    The same matrix, or the same labels, have the same hash whatever file they are in and however it is written.
    """
    if not has_file(noise):
        return ""
    value = _value(file_input(noise), noise, description, None)
    return hash_of(value if choice_of(noise) is None else value.told)


def hash_of(array: "np.ndarray") -> str:
    """16 hex digits of an array's numbers, whole ones as int64, others as float64."""
    numbers = array.astype("<i8" if array.dtype.kind in "iu" else "<f8")
    return hashlib.sha256(numbers.tobytes()).hexdigest()[:16]


def mapping(_noise: str, description: Description, _data: "Dataset | None") -> Mapping[int, int]:
    """The class that each class is mistaken for, by the data set's entry; `InputError` where it has none."""
    if not description.asymmetric:
        raise InputError(
            f"data set {quoted(description.name)} has no standard map for asymmetric noise; try symmetric or pairflip"
        )
    return description.asymmetric


def images(_noise: str, _description: Description, data: "Dataset") -> "Tensor":
    """The images of the labels (n, C, H, W), normalised."""
    return data.images


def matrix(noise: str, description: Description, _data: "Dataset | None") -> "np.ndarray":
    """The matrix of `matrix:FILE`, (K, K) float64, P(given | true)."""
    return read_matrix(noise, description.num_classes)


def human_labels(noise: str, description: Description, _data: "Dataset | None" = None) -> "np.ndarray | Votes":
    """The labels of `human:FILE` for a data set's training and validation examples, (n,) int64, in their order.

    Or for its test examples: see `Description.test_part`.
    """
    n = description.train_examples + description.val_examples
    return read_labels(
        noise,
        n,
        description.num_classes,
        class_names=description.class_names,
        label_map=description.label_map,
        paths=description.paths[:n],
        others=(*description.paths[n:], *description.left_out),
        first_number=description.first_number,
    )


def disagreement(noise: str, description: Description) -> tuple[dict[str, Any], str]:
    """How far people disagree whose labels the noise brings, and a sentence; {} and "" of one label each."""
    if not has_file(noise) or (choice := choice_of(noise)) is None:
        return {}, ""
    from lsbench.data.votes import disagreement_of, disagreement_text

    numbers = disagreement_of(_value(file_input(noise), noise, description, None))
    return numbers, disagreement_text("the training set", choice.how, numbers)


def _value(name: str, noise: str, description: Description, data: "Dataset | None") -> Any:
    return load(_entry(name).ref)(noise, description, data)


def _entry(name: str) -> NoiseInput:
    return lookup(NOISE_INPUTS, "input of a noise", name)
