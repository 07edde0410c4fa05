"""Claims about the arms by looked-at labels, in families each with a chance of at most alpha of any false claim.

Each reach has its own families: the claims are about other quantities. k counts the arms, those that can't be compared
included.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb, inf, nextafter

from lsbench.analysis.looked.reaches import Range, Reach, Reaches
from lsbench.statistics.families import set_level

ALPHA = 0.05
NAMED_SHARE = 0.8  # of alpha: for the arm that led before any look; the rest is shared by all others
Pair = tuple[Hashable, Hashable]
Gap = Callable[[Hashable, Hashable, float], Reaches]  # two arms, and the chance of error of each end
FINDINGS = {1: "better", -1: "worse"}


@dataclass(frozen=True)
class Family:
    """What all families of a verdict share."""

    gap: Gap
    higher: bool  # whether more is better
    tolerance: float
    counted: int  # arms, those included that can't be compared, and those from which these were chosen
    arms: int  # those of the verdict, those included that can't be compared
    alpha: float = ALPHA

    @property
    def better(self) -> int:
        """The side of a gap on which the first arm is the better one."""
        return 1 if self.higher else -1

    def shows(self, a: Hashable, b: Hashable, reach: Reach, side: float) -> int:
        """1: a is shown to be better than b, by more than the tolerance; -1: worse; 0 else."""
        limits = self.gap(a, b, side).ranges.get(reach)
        return self.better * limits.shows(self.tolerance) if limits else 0


@dataclass(frozen=True)
class LookedClaim:
    """What a family shows of one arm against another."""

    family: str  # baseline or pairs
    arm: Hashable
    other: Hashable
    gap: Reaches  # arm minus other, in the metric's own unit; the intervals of a reach hold jointly
    findings: dict[Reach, str]  # better, worse, equivalent, undecided

    @property
    def reach(self) -> Reach | None:
        """The widest reach for which one of the two is shown to be better; None: for none."""
        shown = [reach for reach, finding in self.findings.items() if finding in FINDINGS.values()]
        return shown[-1] if shown else None

    @property
    def finding(self) -> str:
        """What is shown of these networks on this test set."""
        return self.findings.get(Reach.NETWORKS, "undecided")


def claims_by_holm(pairs: Sequence[Pair], family: Family, name: str, size: int) -> list[LookedClaim]:
    """Of each pair what is shown for each reach, by Holm over `size` comparisons.

    Without p-values: a pair whose interval of level 1 - alpha / size leaves the tolerance out is decided; then the
    others at alpha / (size - decided), until no more are. Intervals are Bonferroni's; where only a later round decides,
    they end at the tolerance. (Holm, 1979)
    """
    decided = {reach: _decided(pairs, family, reach, size) for reach in Reach} if pairs else {}
    return [_claim(pair, family, name, size, {reach: decided[reach].get(pair, 0) for reach in Reach}) for pair in pairs]


def _claim(pair: Pair, family: Family, name: str, size: int, shown: dict[Reach, int]) -> LookedClaim:
    one, better, tolerance = family.gap(*pair, family.alpha / size / 2), family.better, family.tolerance
    ranges = {reach: _ending_at(limits, better * shown[reach], tolerance) for reach, limits in one.ranges.items()}
    findings = {reach: _finding(limits, shown[reach], tolerance) for reach, limits in ranges.items()}
    return LookedClaim(name, *pair, Reaches(one.mean, ranges, one.how, one.corrections, one.n), findings)


def _decided(pairs: Sequence[Pair], family: Family, reach: Reach, size: int) -> dict[Pair, int]:
    """By pair that Holm's steps decide: 1 where the first arm is better, -1 where it is worse."""
    decided: dict[Pair, int] = {}
    while len(decided) < len(pairs):
        side = family.alpha / (size - len(decided)) / 2
        left = {pair: family.shows(*pair, reach, side) for pair in pairs if pair not in decided}
        new = {pair: sign for pair, sign in left.items() if sign}
        if not new:
            break
        decided |= new
    return decided


def _ending_at(limits: Range, shown: int, tolerance: float) -> Range:
    """The interval; of a claim that it does not show by itself it ends at the tolerance, which is left out."""
    if shown > 0:
        end = nextafter(tolerance, inf)
        return Range(max(limits.low, end), max(limits.high, end))
    if shown < 0:
        end = nextafter(-tolerance, -inf)
        return Range(min(limits.low, end), min(limits.high, end))
    return limits


def _finding(limits: Range, shown: int, tolerance: float) -> str:
    return FINDINGS[shown] if shown else "equivalent" if limits.within(tolerance) else "undecided"


def against_baseline(arms: Sequence[Hashable], baseline: Hashable, family: Family) -> list[LookedClaim]:
    """Each other arm against the one that was named before the data were seen."""
    pairs = [(arm, baseline) for arm in arms if arm != baseline]
    return claims_by_holm(pairs, family, "baseline", max(1, family.counted - 1))


def all_pairs(arms: Sequence[Hashable], family: Family) -> list[LookedClaim]:
    """All pairs: what may be said of two arms of which the looks chose one."""
    return claims_by_holm(list(combinations(arms, 2)), family, "pairs", max(1, comb(family.counted, 2)))


def winner_of(arms: Sequence[Hashable], named: Hashable | None, family: Family, reach: Reach) -> Hashable | None:
    """The arm that is shown to be better than every other arm of the verdict, if one is.

    All tests must show it, so that none needs an adjustment (the intersection-union test; Berger, 1982). Of these
    networks on this test set only the looks are random, so that the arm that led by the given labels was named before:
    its one-sided tests are at 0.8 alpha each. Of the k - 1 other arms the looks choose one: their tests are at
    0.2 alpha / (k - 1). So some arm wins falsely with a chance of at most alpha. For new seeds and examples any arm was
    chosen by the same networks; each test is at alpha, two-sided, as in `lsbench.statistics.winner_of`.
    """
    if len(arms) < max(2, family.arms):  # no arm wins beside one that can't be compared
        return None

    def wins(arm: Hashable) -> bool:
        side = side_of(arm, named, family, reach)
        return all(family.shows(arm, other, reach, side) > 0 for other in arms if other != arm)

    return next((arm for arm in arms if wins(arm)), None)


def side_of(arm: Hashable, named: Hashable | None, family: Family, reach: Reach) -> float:
    """The chance of error of each of the tests by which an arm wins: see `winner_of`."""
    if reach is not Reach.NETWORKS:
        return _beyond(family) / 2
    return NAMED_SHARE * family.alpha if arm == named else (1 - NAMED_SHARE) * family.alpha / max(1, family.arms - 1)


def _beyond(family: Family) -> float:
    """The level of each test for new seeds: of arms that were chosen by the same numbers, over all pairs."""
    chosen = family.counted > family.arms
    return family.alpha / comb(family.counted, 2) if chosen else family.alpha


def may_be_best(arms: Sequence[Hashable], family: Family, reach: Reach) -> tuple[Hashable, ...]:
    """The arms of which none other is shown to be better; the best of those compared is among them with 1 - alpha.

    An arm is left out where a one-sided test at alpha / max(k - 1, 2) shows another to be better. (Hsu, 1984)
    """
    chosen = family.counted > family.arms and reach is not Reach.NETWORKS
    side = _beyond(family) if chosen else set_level(family.arms, family.alpha)
    return tuple(
        arm for arm in arms if not any(family.shows(other, arm, reach, side) > 0 for other in arms if other != arm)
    )


@dataclass(frozen=True)
class Leads:
    """By how much one arm is better than each other, at the levels of `winner_of`; above the tolerance is shown."""

    arm: Hashable
    estimate: Mapping[Hashable, float]  # above 0: better
    at_least: Mapping[Hashable, Mapping[Reach, float]]  # of each other arm; without the reaches that can't be had


def leads_of(arm: Hashable, arms: Sequence[Hashable], named: Hashable | None, family: Family) -> Leads:
    """The lead of the winner, or of the arm that led before a label was looked at, over each other arm."""
    others = [other for other in arms if other != arm]
    sides = {reach: side_of(arm, named, family, reach) for reach in Reach}
    return Leads(
        arm,
        {other: family.better * family.gap(arm, other, sides[Reach.NETWORKS]).mean for other in others},
        {other: _bounds(arm, other, family, sides) for other in others},
    )


def _bounds(arm: Hashable, other: Hashable, family: Family, sides: Mapping[Reach, float]) -> dict[Reach, float]:
    made = {reach: family.gap(arm, other, side).ranges.get(reach) for reach, side in sides.items()}
    return {reach: limits.low if family.better > 0 else -limits.high for reach, limits in made.items() if limits}
