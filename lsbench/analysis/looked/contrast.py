"""A number per example that its label decides: an arm's metric, or the difference of two arms'."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lsbench.analysis.looked.metrics import Floats
from lsbench.analysis.looked.sample import Sample
from lsbench.analysis.looked.scores import Scores
from lsbench.rows.looks import Verified
from lsbench.statistics.looks import Control, Expected, believed_control


@dataclass(frozen=True)
class Contrast:
    """d_i(c) of N examples at S seeds; of the n that were looked at, the least and the most that it can be.

    The two differ where people can't tell the label, name more than one, or differ among themselves.
    """

    control: Floats  # (S, N): what stands for the examples that were not looked at
    low: Floats  # (N,): the least that its mean over the seeds can be, whatever the label
    high: Floats  # (N,)
    least: Floats  # (S, n): by the label, of those that it may be, with the least mean over the seeds
    most: Floats  # (S, n)
    examples: NDArray[np.int64]  # (n,): positions of those that were looked at
    fitted: bool = True  # whether level and weight of the control are fitted to what was looked at
    expected: Expected | None = None  # of its mean over the seeds, by what is believed after the answers

    @cached_property
    def mean_control(self) -> Control:
        """(N,): the mean over the seeds."""
        return Control(self.control.mean(0), self.fitted, self.expected)

    @property
    def seed_controls(self) -> Control:
        """(S, N)."""
        return Control(self.control, self.fitted)

    @cached_property
    def looked(self) -> tuple[Floats, Floats]:
        """(n,), (n,): the least and the most that its mean over the seeds can be, of what was looked at."""
        low, high = self.low[self.examples], self.high[self.examples]
        return np.clip(self.least.mean(0), low, high), np.clip(self.most.mean(0), low, high)

    def first(self, n: int) -> "Contrast":
        """The same with the first n looks alone."""
        return replace(self, least=self.least[:, :n], most=self.most[:, :n], examples=self.examples[:n])

    @property
    def seeds(self) -> int:
        """S."""
        return len(self.control)

    @cached_property
    def is_zero(self) -> bool:
        """Whether it is 0 whatever the labels are, as for networks that all answer the same."""
        return not (self.low.any() or self.high.any() or self.control.any())

    def negative(self) -> "Contrast":
        """The contrast with its two arms exchanged."""
        return replace(
            self,
            control=-self.control,
            low=-self.high,
            high=-self.low,
            least=-self.most,
            most=-self.least,
            expected=self.mean_control.negated().expected,
        )


def contrast_of(scores: Scores, sample: Sample, *, value_outside: bool, by_given: bool) -> Contrast:
    """The contrast of an arm's scores, or of the difference of two arms'.

    value_outside: whether an example that is of none of the classes has a value, for which the label's part is 0; else
    any class will have to do, so that its value may be that of any.
    by_given: whether the value by the given label stands for examples that were not looked at; else the mean by
    what is believed, with a fitted weight.
    """
    low, high = scores.label.min(1), scores.label.max(1)
    if value_outside:
        low, high = np.minimum(low, 0.0), np.maximum(high, 0.0)
    may_be, looked = _allowed(sample.verified, scores.looked_label, value_outside=value_outside)
    mean = looked.mean(0)
    least, most = np.where(may_be, mean, np.inf).argmin(1), np.where(may_be, mean, -np.inf).argmax(1)
    at = np.arange(len(least))
    return Contrast(
        control=scores.given if by_given else scores.believed,
        low=low + scores.fixed,
        high=high + scores.fixed,
        least=looked[:, at, least] + scores.looked_fixed,
        most=looked[:, at, most] + scores.looked_fixed,
        examples=sample.verified.examples,
        fitted=not by_given,
        expected=believed_control(scores.label + scores.fixed[:, None], *sample.beliefs).expected,
    )


def _allowed(verified: Verified, looked: Floats, *, value_outside: bool) -> tuple[NDArray[np.bool_], Floats]:
    """Which labels an example may have (n, K + 1), and the label's part (S, n, K + 1); the last is of no class."""
    outside = verified.outside
    may_be = verified.may_be if value_outside else verified.may_be | outside[:, None]
    last = outside if value_outside else np.zeros_like(outside)
    nothing = np.zeros((*looked.shape[:2], 1))
    return np.column_stack([may_be, last]), np.concatenate([looked, nothing], axis=2)
