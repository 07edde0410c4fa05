"""`flip_labels`: the one door to every kind of label noise."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Generator, Tensor

from lsbench.data.tensors import Numbers, as_floats, as_labels
from lsbench.errors import DtypeError, InputError, require_number
from lsbench.names.catalogue import NOISES
from lsbench.names.registry import load, lookup
from lsbench.noise.checks import require_labels, require_num_classes
from lsbench.noise.files import base_kind

NEEDED = {  # what a kind can't do without; an asymmetric one knows the mapping of ten classes
    "images": "images=, the training images (n, ...) in the order of the labels, normalised as the model sees them",
    "matrix": "matrix=, P(given | true) (K, K), which lsbench.noise.files.read_matrix reads from a file",
    "given": "given=, the human labels (n,) in the data set's order, which lsbench.noise.files.read_labels reads",
}


def flip_labels(
    labels: Numbers,
    rate: float,
    num_classes: int,
    generator: Generator,
    kind: str = "symmetric",
    *,
    mapping: Mapping[int, int] | None = None,
    images: Numbers = None,
    matrix: Numbers = None,
    given: Numbers = None,
) -> Tensor:
    """Make some labels wrong; which and how, the generator decides, and a higher rate only adds to them.

    The probabilities P(given label | true label) are those of the kind: see `lsbench.noise.kinds`. The coteaching
    kinds alone read no generator, and a higher rate does not add to a lower one's.

    labels (n,), any integer dtype, any device, an array or a list too -> a new tensor like it; the input is
    untouched. The generator
    is a CPU one whatever the device, so that every device gets the same labels. kind is a name of
    `catalogue.NOISES`, or a full one with a file in it (human:labels.npz:key), of which only the kind is looked at.
    Each kind reads the keyword that its entry names, and the others mean nothing to it: mapping, {class: the class
    it is mistaken for} (asymmetric); images (n, ...), normalised (instance); matrix (K, K), P(given | true) (matrix);
    given (n,), the labels of people (human).

    `InputError`: unknown kind, rate outside [0, 1], num_classes < 2, labels that are not (n,) or not in
    [0, num_classes), a keyword that is missing or wrong, a generator that is not on the CPU.
    `DtypeError`: labels that are not integers, or of a dtype too narrow for num_classes.
    """
    entry = lookup(NOISES, "noise", base_kind(kind))
    require_number("rate", rate, 0, 1)
    require_num_classes(num_classes)
    labels = as_labels("labels", labels)
    require_labels("labels", labels, num_classes)
    _require_room(labels.dtype, num_classes)
    _require_cpu(generator)
    everything = {
        "mapping": mapping,
        "images": None if images is None else as_floats("images", images),
        "matrix": matrix,
        "given": None if given is None else as_labels("given", given),
    }
    read = {name: everything[name] for name in entry.given}
    _require_needed(kind, read)
    noisy = load(entry.ref)(labels.to("cpu", torch.int64), rate, num_classes, generator, **read)
    return noisy.to(labels.device, labels.dtype)


def _require_needed(kind: str, read: Mapping[str, Any]) -> None:
    for name, value in read.items():
        if value is None and name in NEEDED:
            raise InputError(f"{kind} noise needs {NEEDED[name]}; got None")


def _require_room(dtype: torch.dtype, num_classes: int) -> None:
    highest = torch.iinfo(dtype).max
    if num_classes - 1 > highest:
        raise DtypeError(f"labels of {dtype} end at class {highest}, got num_classes {num_classes}; use torch.int64")


def _require_cpu(generator: Generator) -> None:
    if not isinstance(generator, Generator):
        raise DtypeError(f"generator must be a torch.Generator, got {type(generator).__name__}")
    if generator.device.type != "cpu":
        raise InputError(f"generator must be a CPU one, wherever the labels are; got {generator.device}")
