"""Looking at training labels: how often each example is drawn, and what the looked-at labels say of a list."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lsbench.analysis.looking.subject import Subject
from lsbench.analysis.suspects import Suspects, suspects_of
from lsbench.errors import InputError
from lsbench.noise.pooled import Pool
from lsbench.noise.pruned import left_out
from lsbench.rows.looks import StoredDesign, Verified
from lsbench.statistics.looks import Control, Design, interval, sizes_of

BY_RANK = 0.4  # of the looks: these go to the most suspicious
UNIFORM = 0.2  # of all looks: these reach every example alike
AT = (25, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)  # lengths of a list
Labels = NDArray[np.integer]


@dataclass(frozen=True)
class Share:
    """A share of wrong labels among some examples, and where it lies whenever one stops looking."""

    share: float
    low: float
    high: float
    looked: int  # how many of them were looked at
    total: int  # how many there are
    how: str  # how the interval was made, see `LookInterval`


@dataclass(frozen=True)
class TrainingLooks:
    """What looked-at labels say of the training labels as given, of K classes."""

    noise: Share  # of all given labels, those that people say are another class or none
    precision: tuple[tuple[int, Share], ...]  # (m, of the first m of the list), for each m of which some were looked at
    left_out: Share | None  # of what `prune` leaves out by the same predictions; None where nothing of it was looked at


def suspects_in(subject: Subject, folder: Path) -> tuple[Suspects, Pool]:
    """The list of a data set's suspicious training labels, and the held-out predictions that it was made of.

    `InputError`: a file that `run` did not write, or no row that has kept held-out predictions.
    """
    made = next((one for one in suspects_of(subject.rows, folder) if one.fingerprint == subject.fingerprint), None)
    if made is None or made.pool is None:
        raise InputError(
            f"no row of {subject.dataset!r} below {folder} has kept predictions of examples that it was not trained on;"
            " train with folds, --folds 5, and of a data set of the catalogue with --save-logits"
        )
    return made, made.pool


def training_sizes(belief: NDArray[np.float64], given: Labels, ranks: Labels) -> NDArray[np.float64]:
    """(N,), the sizes q_i by which training examples are drawn: of three kinds of looks.

    A fifth reach every example alike. Two fifths go by the doubt about the label, for the share of wrong labels among
    all. Two fifths go by 1 / (rank on the list), so that the first 25, the next 25, the next 50, the next 100, ... are
    about equally often looked at: for the share of wrong labels among the first m.

    Args:
        belief: (N, K), of the true labels.
        given: (N,).
        ranks: (N,), on the list of suspicious labels, from 0.
    """
    differs = (np.arange(belief.shape[1]) != given[:, None]).astype(float)
    by_rank = 1 / (1 + ranks)
    others = sizes_of([differs], belief, given, floor=UNIFORM / (1 - BY_RANK))
    return (1 - BY_RANK) * others + BY_RANK * by_rank / by_rank.sum()


def training_looks(verified: Verified, ranking: Sequence[int] | Labels, pool: Pool | None = None) -> TrainingLooks:
    """The share of wrong labels among all training examples, among the first m of a list, and among what is pruned.

    A label is wrong where people say that it is another class, or none; of one that they can't tell both is possible,
    so that the interval is for the worst case.

    Args:
        verified: the looks at training examples.
        ranking: numbers of examples, the most suspicious first.
        pool: held-out predictions; what `prune` would leave out by them is looked at, too.
    """
    design = verified.design
    numbers = np.asarray(ranking)
    at = [m for m in AT if m < len(numbers)]
    shares = [(m, share_among(verified, numbers[:m])) for m in at]
    pruned = None if pool is None else share_among(verified, pool.examples[left_out(pool.probs, pool.given)])
    everything = share_among(verified, design.numbers)
    if everything is None:
        raise InputError(f"none of the answers of design {design.id} is of its examples")
    return TrainingLooks(everything, tuple((m, share) for m, share in shares if share), pruned)


def share_among(verified: Verified, numbers: Collection[int] | Labels) -> Share | None:
    """The share of wrong given labels among the examples of these numbers; None where none was looked at.

    The order of the design, restricted to some of its examples, is such an order itself, with the same sizes: so it is
    read as a design of its own.
    """
    design = verified.design
    inside = np.isin(design.numbers, np.asarray(list(numbers)))
    among = inside[verified.examples]
    if not among.any():
        return None
    own, looked = restricted(design, inside), int(among.sum())
    is_wrong = verified.changed[among].astype(float)
    may_be_wrong = np.maximum(is_wrong, (verified.may_be.sum(1) + verified.outside > 1)[among])
    count = len(own.order)
    announced = max(2, int(inside[design.order[: design.announced[0]]].sum())) if design.announced else 2
    made = interval(
        own,
        is_wrong,
        may_be_wrong,
        Control(np.zeros(count), False),
        np.zeros(count),
        np.ones(count),
        announced=min(announced, count),
    )
    return Share(made.mean, max(0.0, made.low), min(1.0, made.high), looked, count, made.how)


def restricted(design: StoredDesign, inside: NDArray[np.bool_]) -> Design:
    """The design among some of its examples (N,)."""
    places = np.cumsum(inside) - 1
    return Design(design.sizes[inside], places[design.order[inside[design.order]]], design.seed)
