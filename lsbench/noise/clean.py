"""What is done about labels that out-of-sample predictions contradict: leave the example out, or change its label."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from lsbench.data.tensors import Numbers
from lsbench.noise.confident import believed_classes
from lsbench.noise.estimate import checked_arrays
from lsbench.noise.pruned import left_out
from lsbench.noise.shrink import shrunk_matrix

SUREST = 0.25  # of the examples that are believed to be of a class: those that the noise matrix is counted from


@dataclass(frozen=True)
class Cleaned:
    """Labels to train on, and which examples to train on."""

    labels: Tensor  # (n,) int64, on the CPU
    kept: Tensor  # (n,) bool


def prune(probs: Numbers, given: Numbers, *, by: str = "rate") -> Cleaned:
    """Leave out as many examples as the confident joint says are wrong, the least believable first.

    Q_ij examples of given class i are believed to be of class j: `estimate_noise(probs, given).joint`, rounded.
    by="class": of each given class i the sum of Q_ij over j != i, those of lowest p_i. by="rate": for each i and
    j != i, Q_ij of the given class i, those of largest p_j - p_i. by="both": what both leave out. Of ties the first.

    The weakness: it is as good as the predictions, see `estimate_noise`; a class that a model always confuses may
    lose all of its examples.

    Args:
        probs: (n, K) floating point, OUT OF SAMPLE, in [0, 1]; a tensor of any device, an array or a list.
        given: (n,) given class numbers in [0, K), likewise.
        by: which examples are left out.

    Returns:
        The given labels, and which examples are kept.

    Raises:
        InputError: what `estimate_noise` refuses, or another word for `by`.
        DtypeError: probs that are not floating point, or labels that are not integers.

    (Northcutt, Jiang and Chuang, 2021)

    Example:
        >>> probs = [[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.9, 0.1]]
        >>> prune(probs, given=[0, 0, 1, 1]).kept
        tensor([ True,  True,  True, False])
    """
    p, labels = checked_arrays(probs, given)
    return Cleaned(torch.from_numpy(labels), torch.from_numpy(~left_out(p, labels, by)))


def relabel(probs: Numbers, given: Numbers) -> Cleaned:
    """Put the believed class, by confident learning, in place of each given label; of no belief the label stays.

    The weakness: what the model confuses becomes wrong labels.

    Args:
        probs: (n, K) floating point, OUT OF SAMPLE, in [0, 1]; a tensor of any device, an array or a list.
        given: (n,) given class numbers in [0, K), likewise.

    Returns:
        The new labels; all examples are kept.

    Raises:
        InputError: what `estimate_noise` refuses.
        DtypeError: probs that are not floating point, or labels that are not integers.

    (Northcutt, Jiang and Chuang, 2021, for the believed class)

    Example:
        >>> relabel([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.9, 0.1]], given=[0, 0, 1, 1]).labels
        tensor([0, 0, 1, 0])
    """
    p, numbers = checked_arrays(probs, given)
    believed, labels = torch.from_numpy(believed_classes(p, numbers)), torch.from_numpy(numbers)
    return Cleaned(torch.where(believed >= 0, believed, labels), torch.ones_like(labels, dtype=torch.bool))


def estimate_matrix(probs: Numbers, given: Numbers) -> Tensor:
    """Estimate P(given j | true i) from the examples that are believed to be of a class, the most confident quarter.

    N_ij: of the examples believed to be of class i, as `estimate_noise` has it, take the quarter of largest p_i, and
    count those given j. The others hold most of what the model confuses, which would count as noise. As a quarter is
    few examples, each row is drawn to what the rows have in common: T = shrunk_matrix(N), see `lsbench.noise.shrink`.
    A class that no example is believed to be keeps its labels, and no label is taken to be always wrong.

    The weakness: where the model confuses two classes with confidence, that counts as noise all the same.

    Args:
        probs: (n, K) floating point, OUT OF SAMPLE, in [0, 1]; a tensor of any device, an array or a list.
        given: (n,) given class numbers in [0, K), likewise.

    Returns:
        T, (K, K) float64 on the CPU; each row is positive on the diagonal and sums to 1.

    Raises:
        InputError: what `estimate_noise` refuses.
        DtypeError: probs that are not floating point, or labels that are not integers.

    (Northcutt, Jiang and Chuang, 2021, for the believed class; Patrini et al., 2017, for the most confident examples)

    Example:
        >>> probs = [[0.9, 0.1]] * 40 + [[0.1, 0.9]] * 40
        >>> estimate_matrix(probs, given=[0, 0, 0, 1] * 10 + [1] * 40).round(decimals=2)
        tensor([[0.8800, 0.1200],
                [0.0700, 0.9300]], dtype=torch.float64)
    """
    p, numbers = checked_arrays(probs, given)
    believed, confidence, labels = map(torch.from_numpy, (believed_classes(p, numbers), p, numbers))
    counts = torch.zeros(p.shape[-1], p.shape[-1], dtype=torch.float64)
    for cls in range(len(counts)):
        members = believed == cls
        surest = _largest(confidence[:, cls], members, torch.tensor(math.ceil(int(members.sum()) * SUREST)))
        counts[cls] = torch.bincount(labels[surest], minlength=len(counts))
    return shrunk_matrix(counts)


def _largest(score: Tensor, among: Tensor, count: Tensor) -> Tensor:
    """The places of the `count` largest scores, rounded, among some examples; of ties the first."""
    places = among.nonzero().squeeze(-1)
    order = score[places].argsort(descending=True, stable=True)
    return places[order[: int(count.round())]]
