"""`flip_labels`: the one function that makes labels wrong, by any kind of label noise."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Generator, Tensor

from lsbench.data.tensors import Numbers, as_labels
from lsbench.errors import DtypeError, InputError, require_number, shown
from lsbench.names.catalogue import NOISE_INPUTS, NOISES
from lsbench.names.registry import load, lookup
from lsbench.noise.checks import require_labels, require_num_classes
from lsbench.noise.files import base_kind


def flip_labels(
    labels: Numbers,
    rate: float,
    num_classes: int,
    generator: Generator,
    kind: str = "symmetric",
    **inputs: Numbers | Mapping[int, int],
) -> Tensor:
    """Make some labels wrong; which and how, the generator decides, and a higher rate only adds to them.

    The probabilities P(given label | true label) are those of the kind: see `lsbench.noise.kinds`. The coteaching
    kinds alone read no generator, and a higher rate does not add to a lower one's.

    Args:
        labels: (n,) class numbers in [0, num_classes), of any integer dtype, on any device; a tensor, an array or a
            list. They are not changed.
        rate: how many labels are made wrong, in [0, 1], in the convention of the kind.
        num_classes: K, at least 2.
        generator: a CPU one, whatever the labels' device, so that every device gets the same labels.
        kind: a name of `lsbench list noises`. Of a full name with a file in it (human:labels.npz:key) only the kind
            is looked at.
        inputs: what the kind's entry in the catalogue names; what other kinds take is not looked at. mapping,
            {class: the class it is mistaken for} (asymmetric); images (n, ...), normalised (instance); matrix
            (K, K), P(given | true) (matrix); given (n,), the labels of people (human).

    Returns:
        (n,) labels, a new tensor of the dtype and on the device of the given ones.

    Raises:
        InputError: an unknown kind, a rate outside [0, 1], num_classes < 2, labels that are not (n,) or not in
            [0, num_classes), an input that is missing or wrong, a generator that is not on the CPU.
        DtypeError: labels that are not integers, or of a dtype too narrow for num_classes; an input of no kind.

    Example:
        >>> import torch
        >>> labels = torch.arange(10).repeat(100)
        >>> (flip_labels(labels, 0.2, 10, torch.Generator().manual_seed(0)) != labels).double().mean()
        tensor(0.1990, dtype=torch.float64)
    """
    entry = lookup(NOISES, "noise", base_kind(kind))
    require_number("rate", rate, 0, 1)
    require_num_classes(num_classes)
    labels = as_labels("labels", labels)
    require_labels("labels", labels, num_classes)
    _require_room(labels.dtype, num_classes)
    _require_cpu(generator)
    _require_inputs(kind, entry.inputs, inputs)
    own = {name: inputs.get(name) for name in entry.inputs}
    noisy = load(entry.ref)(labels.to("cpu", torch.int64), rate, num_classes, generator, **own)
    return noisy.to(labels.device, labels.dtype)


def _require_inputs(kind: str, needed: Sequence[str], inputs: Mapping[str, Any]) -> None:
    for name in inputs:
        if name not in NOISE_INPUTS:
            raise DtypeError(f"flip_labels takes {', '.join(NOISE_INPUTS)} by keyword; got {shown(name)}")
    for name in needed:
        if inputs.get(name) is None and NOISE_INPUTS[name].required:
            raise InputError(f"{kind} noise needs {name}=, {NOISE_INPUTS[name].meaning}; got None")


def _require_room(dtype: torch.dtype, num_classes: int) -> None:
    highest = torch.iinfo(dtype).max
    if num_classes - 1 > highest:
        raise DtypeError(f"labels of {dtype} end at class {highest}, got num_classes {num_classes}; use torch.int64")


def _require_cpu(generator: Generator) -> None:
    if not isinstance(generator, Generator):
        raise DtypeError(f"generator must be a torch.Generator, got {type(generator).__name__}")
    if generator.device.type != "cpu":
        raise InputError(f"generator must be a CPU one, wherever the labels are; got {generator.device}")
