"""Everything that is claimed among the arms of one setting: who leads, who wins, who may be best, against what."""

import math
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import comb
from types import MappingProxyType
from typing import TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.errors import InputError, require_choice, require_number, require_whole, shown
from lsbench.statistics.basis import common_basis
from lsbench.statistics.by_arm import ByArm, by_arm
from lsbench.statistics.checks import BETTER, finite, require_level, require_many
from lsbench.statistics.evidence import Evidence, could_be_missed, evidence_for
from lsbench.statistics.families import (
    Claim,
    FamilySize,
    against_baseline,
    all_pairs,
    leader_of,
    may_be_best,
    winner_of,
)
from lsbench.statistics.new_examples import with_examples
from lsbench.statistics.paired import Difference
from lsbench.statistics.pairs import Pairs, pairs_of, with_excess, with_ties

ExampleValues = Mapping[Hashable, Mapping[int, NDArray[np.float64]]]  # arm -> seed -> a number per test example


class _How(TypedDict):
    """What the functions of all families take."""

    tolerance: float
    alpha: float
    chosen_from: int


@dataclass(frozen=True)
class Choice:
    """What may be said of one setting's arms. Differences are arm minus other, in the values' own unit."""

    leader: Hashable | None  # the best mean of those with enough common seeds; None where no arm is compared
    winner: Hashable | None  # better than every other arm, lost ones included
    baseline: Hashable | None
    lost: tuple[Hashable, ...]  # not compared: they lack seeds
    tolerance: float
    alpha: float
    on: str  # "this test set", or "new examples": what the intervals hold for beside new seeds
    pairs: Pairs  # of losses: lower is better
    sign: float  # 1 where the values are losses, -1 where they were turned into some
    chosen_from: int = 0  # of how many arms these were chosen, where all of these count: see `families`

    @property
    def _how(self) -> _How:
        return {"tolerance": self.tolerance, "alpha": self.alpha, "chosen_from": self.chosen_from}

    @property
    def counted(self) -> int:
        """How many arms the families count: these, or all that these were chosen from."""
        return max(len(self.pairs.arms), self.chosen_from)

    @property
    def baseline_size(self) -> FamilySize:
        """How many comparisons the family against the baseline made, and for how many it is corrected."""
        if self.baseline is None:
            return FamilySize(0, 0)
        shared = self.pairs.n[self.pairs.index(self.baseline)] > 0
        return FamilySize(max(0, int(shared.sum()) - 1), self.counted - 1)

    @property
    def pairs_size(self) -> FamilySize:
        """The same of the family of all pairs."""
        return FamilySize(int((np.triu(self.pairs.n, 1) > 0).sum()), comb(self.counted, 2))

    @cached_property
    def may_be_best(self) -> tuple[Hashable, ...]:
        """The best of the arms that are compared is among them; of the others nothing more is said."""
        arms = may_be_best(self.pairs, **self._how)
        return tuple(arm for arm in arms if self.pairs.counts[self.pairs.index(arm)])

    @cached_property
    def baseline_claims(self) -> tuple[Claim, ...]:
        """Each arm but the baseline against it."""
        if self.baseline is None:
            return ()
        claims = against_baseline(self.pairs, self.baseline, **self._how)
        return tuple(_in_own_unit(claim, self.sign) for claim in claims)

    @cached_property
    def pair_claims(self) -> tuple[Claim, ...]:
        """All pairs, in the order of the arms; made when they are asked for, as there are many of many arms."""
        claims = all_pairs(self.pairs, **self._how)
        return tuple(_in_own_unit(claim, self.sign) for claim in claims)

    @cached_property
    def against_baseline(self) -> Mapping[Hashable, Claim]:
        """The claim about each arm against the baseline, by arm."""
        return {claim.arm: claim for claim in self.baseline_claims}

    @cached_property
    def against_leader(self) -> Mapping[Hashable, Claim]:
        """The claim about each arm against the leader, from the family of all pairs, by arm."""
        ours = [claim for claim in self.pair_claims if self.leader in (claim.arm, claim.other)]
        return {
            claim.arm if claim.other == self.leader else claim.other: claim
            if claim.other == self.leader
            else _other_way_round(claim)
            for claim in ours
        }

    def behind_leader(self, arm: Hashable) -> Difference | None:
        """An arm minus the leader, with Bonferroni's joint interval over all pairs: a number to weigh, and no claim."""
        k, i, j = self.counted, self.pairs.index(arm), self.pairs.index(self.leader)
        n = int(self.pairs.n[i, j])
        if n == 0 or i == j:
            return None
        low, high = (float(ends[i, j]) for ends in self.pairs.bounds(2 * self.alpha / (k * (k - 1))))
        ends = (None, None) if np.isnan(low) else (low, high)
        gap = Difference(float(self.pairs.mean[i, j]), *ends, n)
        return gap if self.sign > 0 else _negative(gap)

    @cached_property
    def evidence(self) -> Mapping[Hashable, Evidence]:
        """What stands beside the claim about each arm against the baseline, by arm."""
        beside = evidence_for(self.pairs, self.baseline_claims, **self._how)
        return dict(zip(self.against_baseline, beside, strict=True))

    @cached_property
    def too_few(self) -> tuple[Hashable, ...]:
        """The compared arms that can't lead, as they share too few seeds with the others; see `common_basis`."""
        alone = common_basis(self.pairs).too_few
        return tuple(arm for arm in alone if self.pairs.counts[self.pairs.index(arm)])

    @property
    def could_be_missed(self) -> tuple[Hashable, float] | None:
        """Of the arms that are undecided against the baseline, the least certain, and what is found 4 times in 5."""
        return could_be_missed(self.baseline_claims, list(self.evidence.values()))


def choose(
    values: ByArm,
    *,
    better: str,
    baseline: Hashable | None = None,
    tolerance: float = 0.0,
    level: float = 0.95,
    lost: Collection[Hashable] = (),
    examples: ExampleValues = MappingProxyType({}),
    chosen_from: int = 0,
    ties: Collection[tuple[Hashable, Hashable]] = (),
    excess: Mapping[Hashable, float] = MappingProxyType({}),
) -> Choice | None:
    """Compare arms by differences paired by seed, each pair over the seeds that the two share.

    Three families, each with a chance of at most 1 - level of any false claim: against a baseline that was named before
    the data were seen, by Holm; all pairs, by Holm, for what the data chose, the leader above all; and the set that may
    be best. The winner, if there is one, is shown to be better than every other arm, each at 1 - level (Berger, 1982).
    Claims are about differences beyond the tolerance; "equivalent" is an interval within it. See `families`.

    Args:
        values: Arm -> seed -> number, as dicts; also arm -> numbers in the order of the seeds, or a DataFrame with a
            column per arm. A seed that an arm lacks is left out of its pairs.
        better: "higher", "lower" or "zero" (the smaller |value|).
        baseline: An arm; None, or one that is not there: no such family.
        tolerance: A difference that does not matter, at least 0, in the values' unit.
        level: Between 0 and 1.
        lost: Arms that failed at some seeds. The others are no sample of how they do, so their numbers are not looked
            at: such an arm neither leads nor is worse, nobody wins beside it, and it counts in Holm's families with
            p = 1.
        examples: Arm -> seed -> a number per test example (n,), of which the values are the means. With those of every
            compared arm the claims hold for new test examples, too; else for this test set.
        chosen_from: Of how many arms these were chosen, by numbers that may go with these, so that all of them count;
            0: by independent ones, or not at all. See `families`.
        ties: Pairs of arms whose runs differ, although they may have equal numbers at every seed, as few test examples
            make them. Such numbers do not show them to be equal; those of all other pairs do.
        excess: Arm -> by how much its mean may be too high by chance alone, for "lower": of an ECE its floor. No claim
            is made that this could make.

    Returns:
        The claims; None where no two arms share a seed, unless arms are lost.

    Raises:
        InputError: For a number that is not finite, a negative tolerance, a level outside (0, 1).

    Example:
        >>> accuracy = {"ce": {0: 0.90, 1: 0.91, 2: 0.92}, "lsr": {0: 0.91, 1: 0.92, 2: 0.934}}
        >>> choice = choose(accuracy, better="higher", baseline="ce")
        >>> choice.winner, choice.baseline_claims[0].finding
        ('lsr', 'better')
    """
    require_choice("better", better, BETTER)
    require_number("tolerance", tolerance, 0)
    require_level("level", level)
    require_whole("chosen_from", chosen_from, 0, 10**6)
    require_many("lost", lost)
    of_arms = by_arm(values)
    if strangers := [arm for arm in lost if arm not in list(of_arms)]:
        raise InputError(f"lost names {shown(strangers[0])}, and the arms are {', '.join(map(str, of_arms))}")
    pairs = pairs_of({arm: {} if arm in lost else _as_losses(arm, seeds, better) for arm, seeds in of_arms.items()})
    if not _any_compared(pairs) and not lost:
        return None
    if pairs.counts.any() and all(arm in examples for i, arm in enumerate(pairs.arms) if pairs.counts[i]):
        of_examples = {arm: examples[arm] if arm in examples and arm not in lost else {} for arm in pairs.arms}
        pairs = with_examples(pairs, {arm: _losses_of(seeds, better) for arm, seeds in of_examples.items()})
    pairs = with_excess(with_ties(pairs, ties), excess)
    sign, alpha = (-1.0 if better == "higher" else 1.0), 1 - level
    how: _How = {"tolerance": tolerance, "alpha": alpha, "chosen_from": chosen_from}
    present = tuple(arm for i, arm in enumerate(pairs.arms) if pairs.counts[i])
    return Choice(
        leader=leader_of(pairs) if present else None,
        winner=winner_of(pairs, **how) if present else None,
        baseline=baseline if baseline in pairs.arms else None,
        lost=tuple(arm for arm in of_arms if arm in lost),
        tolerance=tolerance,
        alpha=alpha,
        on=pairs.on,
        pairs=pairs,
        sign=sign,
        chosen_from=chosen_from,
    )


def _any_compared(pairs: Pairs) -> bool:
    return bool((pairs.n[~np.eye(len(pairs.arms), dtype=bool)] > 0).any())


def _as_losses(arm: Hashable, seeds: Mapping[int, float], better: str) -> dict[int, float]:
    """The values as numbers of which less is better."""
    for seed, value in seeds.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise InputError(f"values must be finite, got {value} for {arm} at seed {seed}; leave out what failed")
    numbers = finite(f"the values of {arm}", list(seeds.values()), 1)
    return dict(zip(seeds, _turned(numbers, better).tolist(), strict=True))


def _losses_of(seeds: Mapping[int, ArrayLike], better: str) -> dict[int, NDArray[np.float64]]:
    return {seed: _turned(np.asarray(numbers, float), better) for seed, numbers in seeds.items()}


def _turned(numbers: NDArray[np.float64], better: str) -> NDArray[np.float64]:
    return -numbers if better == "higher" else np.abs(numbers) if better == "zero" else numbers


def _in_own_unit(claim: Claim, sign: float) -> Claim:
    """The claim about the values, where they were turned into losses."""
    if sign > 0:
        return claim
    return replace(claim, difference=_negative(claim.difference), effect=claim.effect and -claim.effect)


def _other_way_round(claim: Claim) -> Claim:
    """The same claim with its two arms exchanged."""
    finding = {"better": "worse", "worse": "better"}.get(claim.finding, claim.finding)
    return replace(
        claim,
        arm=claim.other,
        other=claim.arm,
        finding=finding,
        difference=_negative(claim.difference),
        effect=claim.effect and -claim.effect,
    )


def _negative(gap: Difference | None) -> Difference | None:
    if gap is None:
        return None
    low, high = (None if end is None else 0.0 - end for end in (gap.high, gap.low))  # -0.0 would be shown as -0.00
    return Difference(0.0 - gap.mean, low, high, gap.n)
