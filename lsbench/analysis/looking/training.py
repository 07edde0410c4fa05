"""Looking at training labels: how often each example is drawn, and what the looked-at labels say of a list."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lsbench.analysis.looking.subject import Subject
from lsbench.analysis.suspects import Suspects, suspects_of
from lsbench.errors import InputError
from lsbench.noise.pooled import Pool
from lsbench.noise.pruned import left_out
from lsbench.rows.looks import StoredDesign, Verified
from lsbench.statistics.looks import (
    BRIER,
    Beliefs,
    Control,
    Design,
    beliefs_of,
    believed_control,
    interval,
    sizes_of,
)
from lsbench.statistics.looks.interval import FEWEST

BY_RANK = 0.4  # of the looks: these go to the most suspicious
UNIFORM = 0.2  # of all looks: these reach every example alike
AT = (25, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)  # lengths of a list
Labels = NDArray[np.integer]
Floats = NDArray[np.float64]


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


def training_sizes(belief: Floats, given: Labels, ranks: Labels) -> Floats:
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
    others = sizes_of([differs], belief, given, floor=UNIFORM / (1 - BY_RANK) - BRIER)  # which takes Brier's share, too
    return (1 - BY_RANK) * others + BY_RANK * by_rank / by_rank.sum()


def training_looks(verified: Verified, ranking: Sequence[int] | Labels, pool: Pool | None = None) -> TrainingLooks:
    """The share of wrong labels among all training examples, among the first m of a list, and among what is pruned.

    A label is wrong where people say that it is another class, or none; of one that they can't tell both is possible,
    so that the interval is for the worst case.

    Args:
        verified: the looks at training examples.
        ranking: numbers of examples, the most suspicious first.
        pool: held-out predictions, which make intervals narrower; what `prune` leaves out by them is looked at, too.
    """
    design, numbers = verified.design, np.asarray(ranking)
    belief = pool and believed(verified, pool)
    shares = [(m, share_among(verified, numbers[:m], belief)) for m in AT if m < len(numbers)]
    pruned = pool and share_among(verified, pool.examples[left_out(pool.probs, pool.given)], belief)
    everything = share_among(verified, design.numbers, belief)
    if everything is None:
        raise InputError(f"none of the answers is to an example of design {design.id}")
    return TrainingLooks(everything, tuple((m, share) for m, share in shares if share), pruned)


def believed(verified: Verified, pool: Pool) -> Beliefs | None:
    """What is believed of the labels; None where the pool lacks some of the examples."""
    design = verified.design
    places = np.searchsorted(pool.examples, design.numbers).clip(max=len(pool.examples) - 1)
    same = np.array_equal(pool.examples[places], design.numbers) and pool.probs.shape[1] == design.num_classes
    return beliefs_of(pool.probs[places], design.given, verified.examples, verified.may_be) if same else None


def share_among(verified: Verified, numbers: Collection[int] | Labels, belief: Beliefs | None = None) -> Share | None:
    """The share of wrong given labels among the examples of these numbers; None where none was looked at.

    The order of the design, restricted to some of its examples, is such an order itself, with the same sizes: so it is
    read as a design of its own. With fewer than 10 wrong or 10 right labels among those looked at the interval is an
    exact one, of the rarer kind: on the first of a good list few labels are right.

    Args:
        verified: the looks.
        numbers: of the examples.
        belief: of the design's examples, see `believed`.
    """
    design = verified.design
    inside = np.isin(design.numbers, np.asarray(list(numbers)))
    among = inside[verified.examples]
    if not among.any():
        return None
    own = restricted(design, inside)
    is_wrong = verified.changed[among].astype(float)
    may_be_wrong = np.maximum(is_wrong, (verified.may_be.sum(1) + verified.outside > 1)[among])
    announced = int(inside[design.order[: design.announced[0]]].sum()) if design.announced else len(is_wrong)
    announced = max(2, min(announced, len(own.order)))
    few_wrong, few_right = may_be_wrong.sum() < FEWEST, (1 - is_wrong).sum() < FEWEST
    if few_right and may_be_wrong.sum() > (1 - is_wrong).sum():
        right = _share(own, 1 - may_be_wrong, 1 - is_wrong, None, announced)
        return replace(right, share=1 - right.share, low=1 - right.high, high=1 - right.low)
    expected = None if belief is None or few_wrong else _wrong_if(belief.among(inside), design.given[inside])
    return _share(own, is_wrong, may_be_wrong, expected, announced)


def _wrong_if(belief: Beliefs, given: Labels) -> Control:
    """How probable it is that each label is wrong."""
    return believed_control((np.arange(belief.before.shape[1]) != given[:, None]).astype(float), *belief)


def _share(design: Design, least: Floats, most: Floats, expected: Control | None, announced: int) -> Share:
    zeros, ones = np.zeros(len(design.order)), np.ones(len(design.order))
    made = interval(design, least, most, expected or Control(zeros, False), zeros, ones, announced=announced)
    estimate = made.mean if expected else _weighted(design, (least + most) / 2)
    mean, low, high = (min(1.0, max(0.0, value)) for value in (estimate, made.low, made.high))
    return Share(mean, low, high, len(least), len(zeros), made.how)


def _weighted(design: Design, values: Floats) -> float:
    """The mean of what was looked at, weighted by 1 / pi_i: few looks give no more than they show (Hájek, 1971)."""
    chances = design.probabilities(len(values))[design.first(len(values))]
    return float(np.average(values, weights=1 / chances))


def restricted(design: StoredDesign, inside: NDArray[np.bool_]) -> Design:
    """The design among some of its examples (N,)."""
    places = np.cumsum(inside) - 1
    return Design(design.sizes[inside], places[design.order[inside[design.order]]], design.seed)
