"""All arms of a verdict beside each other: the interval of any of them, and of any two, made once."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

import numpy as np

from lsbench.analysis.looked.contrast import Contrast, contrast_of
from lsbench.analysis.looked.reaches import Range, Reach, Reaches, more_needed, reaches
from lsbench.analysis.looked.sample import Sample
from lsbench.analysis.looked.scores import Scores
from lsbench.statistics.looks import MoreLooks

Pair = tuple[Hashable, Hashable]


@dataclass(frozen=True)
class LookedTable:
    """The scores of some arms by one metric, and what they give."""

    sample: Sample
    scores: Mapping[Hashable, Scores]  # of each arm at all of its seeds
    pairs: Mapping[Pair, tuple[Scores, Scores]]  # of any two, at the seeds that both have
    value_outside: bool
    given_controls: bool  # whether the given label stands for what was not looked at, in differences
    new_examples: bool
    to_zero: bool = False  # whether two are compared by which is nearer to 0
    _contrasts: dict[tuple[Hashable, ...], Contrast] = field(default_factory=dict, repr=False)
    _reaches: dict[tuple[Hashable, ...], Reaches] = field(default_factory=dict, repr=False)

    def number(self, arm: Hashable, side: float) -> Reaches:
        """The arm's own metric, each end of an interval with chance `side` of error."""
        return self._of((arm,), self.contrast(arm), side)

    def gap(self, a: Hashable, b: Hashable, side: float) -> Reaches:
        """The metric of a minus that of b; of |metric| where nearness to 0 counts."""
        if self.to_zero:
            return self._nearer(a, b, side)
        if (b, a, side) in self._reaches:
            return self._reaches[b, a, side].negative()
        return self._of((a, b), self.contrast(a, b), side)

    def more(self, a: Hashable, b: Hashable, side: float) -> MoreLooks | None:
        """How many more looks would tell the two apart; None where that is not how they are compared."""
        return None if self.to_zero else more_needed(self.contrast(a, b), self.sample, side)

    def contrast(self, a: Hashable, b: Hashable | None = None) -> Contrast:
        """Of one arm, or of two."""
        if (a, b) not in self._contrasts:
            scores = self.scores[a] if b is None else self.pairs[a, b][0].minus(self.pairs[a, b][1])
            self._contrasts[a, b] = self._made(scores, by_given=b is not None and self.given_controls)
        return self._contrasts[a, b]

    def _made(self, scores: Scores, *, by_given: bool) -> Contrast:
        return contrast_of(scores, self.sample, value_outside=self.value_outside, by_given=by_given)

    def _of(self, key: tuple[Hashable, ...], contrast: Contrast, side: float) -> Reaches:
        if (*key, side) not in self._reaches:
            made = reaches(contrast, self.sample, side, new_examples=self.new_examples)
            self._reaches[(*key, side)] = made
        return self._reaches[(*key, side)]

    def _nearer(self, a: Hashable, b: Hashable, side: float) -> Reaches:
        """|x| - |y| of two means, from the intervals of x - y and x + y, each end at half the chance of error.

        With d = x - y and s = x + y it is sign(d s) min(|d|, |s|), which over a box of both has its least and its most
        at corners.
        """
        gap = self._of((a, b), self.contrast(a, b), side / 2)
        both = self._of((a, b, "sum"), self._sum(a, b), side / 2)
        ranges = {reach: _corners(gap.ranges[reach], both.ranges[reach]) for reach in gap.ranges.keys() & both.ranges}
        ordered = {reach: ranges[reach] for reach in Reach if reach in ranges}
        return Reaches(_nearer_by(gap.mean, both.mean), ordered, gap.how, gap.corrections, gap.n)

    def _sum(self, a: Hashable, b: Hashable) -> Contrast:
        ours, theirs = self.pairs[a, b]
        return self._made(ours.minus(theirs.negative()), by_given=False)


def _corners(gap: Range, both: Range) -> Range:
    corners = [_nearer_by(d, s) for d in (gap.low, gap.high) for s in (both.low, both.high)]
    return Range(min(corners), max(corners))


def _nearer_by(gap: float, both: float) -> float:
    return float(np.sign(gap) * np.sign(both) * min(abs(gap), abs(both)))
