"""Whether an arm does better than a model that always answers the most frequent class."""

from collections.abc import Iterable

from lsbench.analysis.summary.arms import ALPHA, ArmResults
from lsbench.analysis.summary.sizes import Sizes
from lsbench.statistics import fewer_errors_p


def majority_p(arm: ArmResults, sizes: Sizes) -> float | None:
    """p-value of McNemar's exact test, one-sided, that the arm errs less often than "always the majority class".

    Both answer the same test set; the arm's errors are its seeds' mean. None where its rows lack a number.
    """
    accuracy, recall = arm.spread("accuracy"), arm.spread("majority_recall")
    if accuracy is None or recall is None:
        return None
    n, rate = sizes.total["test"], sizes.majority_rate
    only_ours = n * rate * (1 - recall.mean)  # the majority's examples that the arm gets wrong
    only_theirs = n * (accuracy.mean - recall.mean * rate)  # the others' examples that it gets right
    return fewer_errors_p(max(only_ours, 0.0), max(only_theirs, 0.0))


def no_better(arms: Iterable[ArmResults], sizes: Sizes | None) -> list[ArmResults]:
    """The arms whose accuracy is not shown to be above the majority class's rate."""
    if sizes is None:
        return []
    return [arm for arm in arms if (p := majority_p(arm, sizes)) is not None and p >= ALPHA]
