"""Noise that people made: a second set of labels of the same examples."""

import torch
from torch import Generator, Tensor

from lsbench.data.tensors import Numbers, as_labels
from lsbench.data.votes import Votes
from lsbench.errors import InputError
from lsbench.noise.checks import require_labels
from lsbench.noise.draws import hits, uniforms


def human(labels: Tensor, rate: float, num_classes: int, generator: Generator, *, given: Numbers | Votes) -> Tensor:
    """Each label is replaced by the human one with probability `rate`; all of them at rate 1.

    The share of wrong labels is `rate` times that of the human labels, so the rate is no noise rate.

    given (n,), integers in [0, K), in the order of the labels; or several people's, of which one is made: see
    `lsbench.data.votes`. `InputError`: of another length, or out of range.
    `DtypeError`: not integers.

    (Wei et al., 2022, CIFAR-N)
    """
    hit = hits(labels, rate, generator)
    if isinstance(given, Votes):
        given = given.labels(uniforms(labels, generator).numpy())
    given = as_labels("given", given)
    require_labels("given", given, num_classes)
    if len(given) != len(labels):
        raise InputError(
            f"given must have the human label of every example, in the data set's order; got {len(given)} for"
            f" {len(labels)} labels"
        )
    return torch.where(hit, given.to("cpu", torch.int64), labels)
