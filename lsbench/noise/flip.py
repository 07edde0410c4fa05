"""`flip_labels`: the one door to every kind of label noise."""

import inspect
from collections.abc import Mapping

import torch
from torch import Generator, Tensor

from lsbench.catalogue import NOISES
from lsbench.errors import DtypeError, InputError, require_number
from lsbench.noise.checks import require_labels, require_num_classes
from lsbench.registry import load, lookup


def flip_labels(
    labels: Tensor,
    rate: float,
    num_classes: int,
    generator: Generator,
    kind: str = "symmetric",
    *,
    mapping: Mapping[int, int] | None = None,
) -> Tensor:
    """Make some labels wrong; which and how, the generator decides, and a higher rate only adds to them.

    The probabilities P(given label | true label) are those of the kind: see `lsbench.noise.kinds`.

    labels (n,), any integer dtype, any device -> a new tensor like it; the input is untouched. The generator
    is a CPU one whatever the device, so that every device gets the same labels. mapping, {class: the class it
    is mistaken for}, is read by the kinds that have one (asymmetric) and means nothing to the others.

    `InputError`: unknown kind, rate outside [0, 1], num_classes < 2, labels that are not (n,) or not in
    [0, num_classes), a mapping that is missing or wrong, a generator that is not on the CPU.
    `DtypeError`: labels that are not integers, or of a dtype too narrow for num_classes.
    """
    flip = load(lookup(NOISES, "noise", kind).ref)
    require_number("rate", rate, 0, 1)
    require_num_classes(num_classes)
    require_labels("labels", labels, num_classes)
    _require_room(labels.dtype, num_classes)
    _require_cpu(generator)
    options = {"mapping": mapping} if "mapping" in inspect.signature(flip).parameters else {}
    noisy = flip(labels.to("cpu", torch.int64), rate, num_classes, generator, **options)
    return noisy.to(labels.device, labels.dtype)


def _require_room(dtype: torch.dtype, num_classes: int) -> None:
    highest = torch.iinfo(dtype).max
    if num_classes - 1 > highest:
        raise DtypeError(f"labels of {dtype} end at class {highest}, got num_classes {num_classes}; use torch.int64")


def _require_cpu(generator: Generator) -> None:
    if not isinstance(generator, Generator):
        raise DtypeError(f"generator must be a torch.Generator, got {type(generator).__name__}")
    if generator.device.type != "cpu":
        raise InputError(f"generator must be a CPU one, wherever the labels are; got {generator.device}")
