"""What wrong test labels could do to what the given ones show: three kinds of them, each with its own assumption."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lsbench.analysis.answers import Answers, answers_of
from lsbench.analysis.label_free import label_free_of
from lsbench.analysis.summary import ArmResults
from lsbench.names.catalogue import METRICS
from lsbench.statistics import (
    Choice,
    ClassNoise,
    Disagreement,
    disagreement_of,
    joint_shares,
    order_holds_up_to,
    reversing_noise,
    true_lead,
    undiluted,
)

MOST = 0.2  # the largest share of symmetric wrong labels that is looked at; of two classes .5 would leave nothing
RATES = (0.1, MOST)
Matrix = Sequence[Sequence[float | None]]


@dataclass(frozen=True)
class SymmetricNoise:
    """Wrong labels that are symmetric and, given the true class, independent of the answers."""

    lead: float  # against the true labels, if a share of MOST is wrong; that by the given ones if none is
    holds_up_to: float  # the rate up to which the order is the same, at most MOST


@dataclass(frozen=True)
class EstimatedNoise:
    """Wrong labels by class, as the noise matrix says that held-out predictions give."""

    lead: float
    reverses: bool


@dataclass(frozen=True)
class PairChange:
    """Two arms, of which the first leads by the given labels; None: it can't be said."""

    leads: ArmResults
    other: ArmResults
    finding: str | None  # what is claimed of the pair: better, worse, ... of the arm against ce; None: no claim
    lead: float  # in the metric's own unit, above 0
    answers: bool  # whether what both answered is kept: what follows but `symmetric` needs it
    symmetric: SymmetricNoise | None
    estimated: EstimatedNoise | None
    by_class: ClassNoise | None  # with it both are equal; None, where `disagreement` is there: none that fits does it
    disagreement: Disagreement | None


@dataclass(frozen=True)
class WouldChange:
    """Of one verdict."""

    pairs: tuple[PairChange, ...]  # the one that matters most first: the suggested arm, and ce or the next best
    if_symmetric: Mapping[Hashable, tuple[float, ...]]  # without claims: the number at each of RATES, by arm


def if_symmetric(
    arms: Sequence[ArmResults], metric: str, num_classes: int | None, folder: Path | None
) -> dict[Hashable, tuple[float, ...]]:
    """The number of each arm against the true labels, were a share of RATES wrong and symmetric; of those it has."""
    if num_classes is None:
        return {}
    numbers: dict[Hashable, tuple[float, ...]] = {}
    for arm in arms:
        if metric == "balanced_accuracy" and (balanced := _balanced(arm, num_classes, folder)):
            numbers[arm.key] = balanced
        given, free = arm.spread(metric), label_free_of(arm, metric, num_classes, folder)
        if given is not None and free is not None:
            numbers[arm.key] = tuple(undiluted(given.mean, rate, num_classes, free) for rate in RATES)
    return numbers


def contrasts_of(
    choice: Choice, arms: Mapping[Hashable, ArmResults], suggested: ArmResults | None, metric: str
) -> list[tuple[ArmResults, ArmResults]]:
    """The suggested arm and plain ce, or the best of the others where that is ce; then what else is shown.

    That is what is shown against ce, of a winner that it is better than the best of the others, and of arms that may
    not be the best the leader before them.
    """
    shown = [(one.arm, one.other) for one in choice.baseline_claims if one.finding in ("better", "worse")]
    compared = [arm for arm in arms.values() if arm.compared(metric)]
    first: list[tuple[Hashable, Hashable]] = []
    if suggested is not None and suggested in compared and len(compared) > 1:
        others = [arm for arm in compared if arm.key != suggested.key]
        plain, best = [arm.key for arm in others if arm.key == choice.baseline], _best(others, metric).key
        first = [(suggested.key, (plain or [best])[0])]
        first += [(suggested.key, best)] * (choice.winner is not None)
    worse = [(choice.leader, arm.key) for arm in compared if arm.key not in choice.may_be_best]
    pairs = {frozenset(pair): pair for pair in (*first, *shown, *worse)}
    return [(arms[a], arms[b]) for a, b in pairs.values()]


def _best(arms: Sequence[ArmResults], metric: str) -> ArmResults:
    sign = 1 if METRICS[metric].better == "higher" else -1
    return max(arms, key=lambda arm: sign * float(np.mean(list(arm.compared(metric).values()))))


def pair_change(
    pair: tuple[ArmResults, ArmResults],
    metric: str,
    choice: Choice,
    num_classes: int | None,
    matrix: Matrix | None,
    folder: Path | None,
) -> PairChange | None:
    """What wrong labels could do to one order; None for two arms without a common seed."""
    a, b = pair
    seeds = sorted(a.compared(metric).keys() & b.compared(metric).keys())
    if not seeds:
        return None
    sign = 1 if METRICS[metric].better == "higher" else -1
    gap = sign * float(np.mean([a.compared(metric)[seed] - b.compared(metric)[seed] for seed in seeds]))
    leads, other = (a, b) if gap >= 0 else (b, a)
    answers = answers_of(leads, other, metric, folder)
    count = max(num_classes or 2, answers.num_classes) if answers else num_classes
    finding = _finding(choice, a, b)
    if answers is None or count is None:
        symmetric = None if count is None else _diluted(abs(gap), count)
        return PairChange(leads, other, finding, abs(gap), False, symmetric, None, None, None)
    return _by_answers(leads, other, finding, abs(gap), answers, count, matrix)


def _finding(choice: Choice, a: ArmResults, b: ArmResults) -> str | None:
    claims = [one for one in choice.baseline_claims if {one.arm, one.other} == {a.key, b.key}]
    return claims[0].finding if claims else None


def _diluted(lead: float, num_classes: int) -> SymmetricNoise:
    return SymmetricNoise(undiluted(lead, MOST, num_classes), order_holds_up_to(lead, num_classes, MOST))


def _by_answers(
    leads: ArmResults,
    other: ArmResults,
    finding: str | None,
    lead: float,
    answers: Answers,
    num_classes: int,
    matrix: Matrix | None,
) -> PairChange:
    ours, theirs = (joint_shares(one, answers.labels, num_classes) for one in (answers.ours, answers.theirs))
    right = int((answers.ours == answers.labels).sum()) - int((answers.theirs == answers.labels).sum())
    fits = right > 0  # else there is no order that wrong labels could reverse
    return PairChange(
        leads,
        other,
        finding,
        lead,
        True,
        _diluted(lead, num_classes),
        _estimated(ours, theirs, matrix),
        reversing_noise(ours, theirs, len(answers.labels)) if fits else None,
        disagreement_of(answers.ours, answers.theirs, answers.labels) if fits else None,
    )


def _estimated(ours: NDArray[np.float64], theirs: NDArray[np.float64], matrix: Matrix | None) -> EstimatedNoise | None:
    if matrix is None or len(matrix) != len(ours) or any(value is None for line in matrix for value in line):
        return None
    lead = true_lead(ours, theirs, np.asarray(matrix, float))
    return None if lead is None else EstimatedNoise(lead, lead < 0)


def _balanced(arm: ArmResults, num_classes: int, folder: Path | None) -> tuple[float, ...] | None:
    """The balanced accuracy at each of RATES; None where the answers are not kept, or tell too little of a class."""
    answers = answers_of(arm, arm, "balanced_accuracy", folder)
    if answers is None:
        return None
    joint = joint_shares(answers.ours, answers.labels, num_classes)
    numbers = tuple(_recalls(joint, rate, len(answers.labels)) for rate in RATES)
    return numbers if np.isfinite(numbers).all() else None


def _recalls(joint: NDArray[np.float64], rate: float, examples: int) -> float:
    """The mean over classes of the true recall, were that share of the labels wrong and symmetric; NaN: too uncertain.

    A class's true share is uncertain by about √(its given share / examples) / kept; where it is not twice as large, its
    recall could be anything.
    """
    k = len(joint)
    kept = 1 - rate * k / (k - 1)
    true = (joint - (1 - kept) / k * joint.sum(axis=1, keepdims=True)) / kept
    shares, given = true.sum(axis=0), joint.sum(axis=0)
    there = given > 0
    if (shares[there] <= 2 * np.sqrt(given[there] / examples) / kept).any():
        return np.nan
    return float(np.mean(np.clip(np.diag(true)[there] / shares[there], 0, 1)))
