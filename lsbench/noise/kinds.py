"""The kinds of label noise that a class and a rate decide: (labels, rate, num_classes, generator) -> labels.

Each takes labels (n,), int64 on the CPU, in [0, num_classes), and returns a new tensor like it. No draw
depends on the rate, so the wrong labels at 20 % are a subset of those at 40 %, wrong in the same way. All kinds
but `symmetric_count` draw first which examples are hit, and so hit the same ones from the same generator.
Kinds that need more than that have files of their own: `instance`, `human`, `matrix`, `coteaching`.
`flip_labels` is the public function and checks the arguments. A new kind is a function, in a file of its own, and an
entry of `catalogue.NOISES`.
"""

from collections.abc import Mapping
from numbers import Integral

import torch
from torch import Generator, Tensor

from lsbench.errors import DtypeError, InputError, shown
from lsbench.names.catalogue import DATASETS
from lsbench.noise.draws import hits, other_class


def symmetric(labels: Tensor, rate: float, num_classes: int, generator: Generator) -> Tensor:
    """Each label becomes one of the other classes with probability `rate`.

    P(j | i) = 1 - r for j = i, r / (K - 1) otherwise.

    (Patrini et al., 2017; Han et al., 2018, Co-teaching)
    """
    hit = hits(labels, rate, generator)
    return torch.where(hit, other_class(labels, num_classes, generator), labels)


def uniform(labels: Tensor, rate: float, num_classes: int, generator: Generator) -> Tensor:
    """Each label becomes any class, its own included, with probability `rate`.

    P(j | i) = (1 - rho) [j = i] + rho / K, so the share of wrong labels is rho (K - 1) / K.

    (Lukasik et al., 2020; Liu et al., 2020, ELR)
    """
    hit = hits(labels, rate, generator)
    return torch.where(hit, torch.randint(num_classes, labels.shape, generator=generator), labels)


def symmetric_count(labels: Tensor, rate: float, num_classes: int, generator: Generator) -> Tensor:
    """Exactly int(int(rate * n) / K) labels of each class become one of the others.

    All labels of a class that has fewer. The product is truncated as in the reference: int(.29 * 100) is 28.

    (Ma et al., 2020, Active-Passive Losses)
    """
    per_class = int(rate * len(labels)) // num_classes
    hit = _place_in_class(labels, num_classes, generator) < per_class
    return torch.where(hit, other_class(labels, num_classes, generator), labels)


def pairflip(labels: Tensor, rate: float, num_classes: int, generator: Generator) -> Tensor:
    """Class i becomes i + 1 mod K with probability `rate`.

    P(i + 1 mod K | i) = r, P(i | i) = 1 - r.

    (Han et al., 2018, Co-teaching)
    """
    return torch.where(hits(labels, rate, generator), (labels + 1) % num_classes, labels)


def asymmetric(
    labels: Tensor,
    rate: float,
    num_classes: int,
    generator: Generator,
    *,
    mapping: Mapping[int, int] | None = None,
) -> Tensor:
    """Class i becomes mapping[i] with probability `rate`; a class that is not in the mapping stays as it is.

    P(mapping[i] | i) = r, P(i | i) = 1 - r. The mapping of 10 classes is MNIST's if none is given: 7 -> 1,
    2 -> 7, 3 -> 8, 5 <-> 6. `InputError`: no mapping for another K, or an entry that is not a class.

    (Patrini et al., 2017; Zhang and Sabuncu, 2018, GCE)
    """
    mistaken = torch.arange(num_classes)
    for source, target in _checked(mapping, num_classes).items():
        mistaken[source] = target
    return torch.where(hits(labels, rate, generator), mistaken[labels], labels)


def _place_in_class(labels: Tensor, num_classes: int, generator: Generator) -> Tensor:
    """Each example's place, 0 first, in a random permutation of its class's members, (n,)."""
    shuffled = torch.randperm(len(labels), generator=generator)
    by_class = shuffled[labels[shuffled].argsort(stable=True)]  # class after class, each in random order
    sizes = torch.bincount(labels, minlength=num_classes)
    starts = sizes.cumsum(0) - sizes
    places = torch.empty_like(labels)
    places[by_class] = torch.arange(len(labels)) - starts.repeat_interleave(sizes)
    return places


def _checked(mapping: Mapping[int, int] | None, num_classes: int) -> Mapping[int, int]:
    """Return the mapping to use, or an error that names the entry that is no class."""
    if mapping is None and num_classes == 10:
        return DATASETS["mnist"].asymmetric
    if not mapping:
        raise InputError(
            f"asymmetric noise on {num_classes} classes needs a mapping, {{class: the class it is taken for}}; "
            f"got {shown(mapping)}"
        )
    for entry in (*mapping.keys(), *mapping.values()):
        if isinstance(entry, bool) or not isinstance(entry, Integral):
            raise DtypeError(f"mapping must be of integers, got {shown(entry)}")
        if not 0 <= entry < num_classes:
            raise InputError(f"mapping must be of class numbers in [0, {num_classes}), got {shown(entry)}")
    return mapping
