"""How much noise there is in labels whose true classes nobody knows, from a model that has not seen them."""

from dataclasses import dataclass

from torch import Tensor

from lsbench.data.tensors import Numbers, as_floats, as_labels
from lsbench.errors import InputError
from lsbench.noise.checks import require_labels
from lsbench.noise.confident import Floats, Labels, confident_joint, given_if_believed, off_diagonal
from lsbench.noise.record import Shares


@dataclass(frozen=True)
class NoiseEstimate:
    """What confident learning believes of a label set; `dataclasses.asdict` of it is ready for JSON."""

    rate: float | None  # share of labels believed wrong, in [0, 1]; None without labels
    matrix: tuple[Shares, ...]  # (K, K) P(given | true); a row is a true class, None if no example is believed to be it
    joint: tuple[tuple[float, ...], ...]  # (K, K) examples of a given class (row) believed to be of a true one (column)
    count: int  # examples; the joint sums to it


def estimate_noise(probs: Numbers, given: Numbers) -> NoiseEstimate:
    """Estimate which classes the given labels were mistaken for, by confident learning.

    t_j = mean of p_ij over the i given j; example i is believed to be of the class of largest p_ij among those with
    p_ij >= t_j (of several the first), and is not counted where there is none. The counts C[given][believed], each
    row scaled to the number of labels given, are the joint (`lsbench.noise.confident`); rate = 1 - trace(joint) / n,
    and matrix[j][i] = joint[i][j] / sum_i joint[i][j].

    The weakness: it is as good as the model. Every example that the model confuses counts as noise (a model that is
    90 % right finds 2 to 4 points too much; one that knows nothing, about 1 - 1/K), and a model that has learnt the
    wrong labels by heart hides them. Under-confidence costs little: shrinking to (1 - s) p + s/K, as smoothing and
    symmetric noise do, changes nothing; a temperature of 2 to 4 lowers the rate by up to 4 points. No class is found
    that is never given.

    Args:
        probs: (n, K) floating point, OUT OF SAMPLE (of examples that the model was not trained on), in [0, 1] in any
            normalisation (softmax or sigmoid); a tensor of any device, an array or a list; n may be 0.
        given: (n,) given class numbers in [0, K), likewise.

    Returns:
        The estimate.

    Raises:
        InputError: K < 2, shapes that do not match, probs outside [0, 1] or NaN, labels out of range.
        DtypeError: probs that are not floating point, or labels that are not integers.

    (Northcutt, Jiang and Chuang, 2021)

    Example:
        >>> probs = [[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.9, 0.1]]
        >>> estimate_noise(probs, given=[0, 0, 1, 1]).rate
        0.25
    """
    p, labels = checked_arrays(probs, given)
    joint = confident_joint(p, labels)
    return NoiseEstimate(
        rate=off_diagonal(joint, len(labels)),
        matrix=given_if_believed(joint),
        joint=tuple(map(tuple, joint.tolist())),
        count=len(labels),
    )


def checked_arrays(probs: Numbers, given: Numbers) -> tuple[Floats, Labels]:
    """Both as numpy arrays, or what `estimate_noise` raises."""
    probs, given = as_floats("probs", probs), as_labels("given", given)
    _require_probs(probs)
    require_labels("given", given, probs.shape[-1])
    if len(given) != len(probs):
        raise InputError(f"probs and given must be equally long, got {len(probs)} rows and {len(given)} labels")
    return probs.detach().cpu().double().numpy(), given.cpu().long().numpy()


def _require_probs(probs: Tensor) -> None:
    if probs.ndim != 2 or probs.shape[-1] < 2:
        raise InputError(f"probs must have shape (n, K) with K at least 2, got {tuple(probs.shape)}")
    if not ((probs >= 0) & (probs <= 1)).all():  # a NaN is neither
        wrong = probs[~((probs >= 0) & (probs <= 1))][0].item()
        raise InputError(f"probs must be in [0, 1], got {wrong:g}; from logits, take softmax(logits, -1) first")
