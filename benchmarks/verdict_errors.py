"""What the families of a verdict say of settings whose true means are known, and how often it is wrong."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from lsbench.statistics import (
    Claim,
    Pairs,
    against_baseline,
    all_pairs,
    gaps_to_best,
    leader_of,
    may_be_best,
    pairs_of,
    sign_flips,
    winner_of,
)

Floats = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int, int], Floats]  # (arms, seeds) of equal means and about unit sds
GAP = 1.5  # sds by which the worse arms are worse
FLIPS_UP_TO = 12  # arms: the sign flips of 171 or 300 pairs would take most of the time


def normal(rng: np.random.Generator, arms: int, seeds: int) -> Floats:
    """Independent normal runs."""
    return rng.normal(size=(arms, seeds))


def fivefold(rng: np.random.Generator, arms: int, seeds: int) -> Floats:
    """A quarter of the arms, one at least, has five times the sd of the others."""
    return rng.normal(size=(arms, seeds)) * np.where(np.arange(arms) < max(1, arms // 4), 5, 1)[:, None]


def heavy(rng: np.random.Generator, arms: int, seeds: int) -> Floats:
    """Student's t with 3 degrees of freedom, over its sd."""
    return rng.standard_t(3, (arms, seeds)) / 3**0.5


def collapsed(rng: np.random.Generator, arms: int, seeds: int) -> Floats:
    """A tenth of all runs, of any arm, is 8 sds worse."""
    return rng.normal(size=(arms, seeds)) + 8.0 * (rng.random((arms, seeds)) < 0.1)


def correlated(rng: np.random.Generator, arms: int, seeds: int) -> Floats:
    """Every second arm shares 80 % of its variance with the others of its kind at the same seed."""
    return 0.8**0.5 * rng.normal(size=(2, seeds))[np.arange(arms) % 2] + 0.2**0.5 * rng.normal(size=(arms, seeds))


def lopsided(rng: np.random.Generator, arms: int, seeds: int) -> Floats:
    """Every second arm collapses at a tenth of its runs; its mean is moved back, so that all means are equal."""
    falls = (rng.random((arms, seeds)) < 0.1) & (np.arange(arms)[:, None] % 2 == 1)
    return rng.normal(size=(arms, seeds)) + 8.0 * falls - 0.8 * (np.arange(arms)[:, None] % 2)


def dealt(pool: Floats, rng: np.random.Generator, arms: int, seeds: int) -> Floats:
    """Real trainings of one loss, each in one place at most, standardised."""
    return rng.choice(pool, (arms, seeds), replace=False)


def picked(rng: np.random.Generator, arms: int, seeds: int) -> Floats:
    """Of three combinations of each arm, 0, 0.5 and 1 sd worse, the best on held-out examples at each seed, as tested.

    What a run is worth on held-out and on test examples has a correlation of one half beside the combination's mean.
    """
    run, held_out, tested = (rng.normal(0, 0.5**0.5, (arms, seeds, 3)) for _ in range(3))
    worth = run + np.array([0, 0.5, 1])
    return np.take_along_axis(worth + tested, (worth + held_out).argmin(-1)[..., None], -1)[..., 0]


KINDS: dict[str, Draw] = {
    "normal": normal,
    "sds differ fivefold": fivefold,
    "heavy tails (t, 3 degrees)": heavy,
    "10 % of runs collapsed": collapsed,
    "arms correlated": correlated,
    "picked of 3 at each seed": picked,
}
BEYOND: dict[str, Draw] = {"10 % of the runs of every second arm collapsed": lopsided}


@dataclass
class Errors:
    """In how many settings something was wrong; power is a share."""

    baseline: float = 0  # a false "better" or "worse" against the baseline
    pairs: float = 0  # a false one among all pairs, so also a false "worse than the leader"
    winner: float = 0  # a winner that is not better than every other arm
    left_out: float = 0  # the best arm is not in the set that may be best
    baseline_intervals: float = 0  # a joint interval against the baseline without the true difference
    pair_intervals: float = 0  # likewise among all pairs
    best_intervals: float = 0  # likewise of the gaps to the best
    flips: float = 0  # a false claim among all pairs by sign flips
    power_baseline: float = 0  # share of the truly worse arms that are shown to be worse than the baseline
    power_pairs: float = 0  # that are shown to be worse than the leader
    power_set: float = 0  # that are not in the set that may be best
    power_flips: float = 0  # as power_pairs, by sign flips


@dataclass(frozen=True)
class Point:
    """Settings of one kind."""

    kind: str
    draw: Draw
    half_worse: bool
    arms: int
    seeds: int


def errors_at(point: Point, settings: int) -> Errors:
    """Shares over the settings of a point."""
    rng, total = (
        np.random.default_rng([crc32(point.kind.encode()), point.arms, point.seeds, point.half_worse]),
        np.zeros(len(fields(Errors))),
    )
    means = np.where(np.arange(point.arms) >= (point.arms + 1) // 2, GAP * point.half_worse, 0.0)
    for _ in range(settings):
        shared = rng.normal(size=point.seeds)  # a bad seed is bad for all arms
        losses = point.draw(rng, point.arms, point.seeds) + means[:, None] + shared
        total += list(vars(one_setting(losses, means)).values())
    return Errors(*(total / settings).tolist())


def one_setting(losses: Floats, means: Floats) -> Errors:
    """What the families say of one setting, beside the truth."""
    pairs = table(losses)
    baseline, every, best = against_baseline(pairs, 0), all_pairs(pairs), may_be_best(pairs)
    winner, leader = winner_of(pairs), leader_of(pairs)
    worse = {int(arm) for arm in np.flatnonzero(means > 0)}
    flips = flip_findings(pairs, every)
    return Errors(
        any(is_false(claim, claim.finding, means) for claim in baseline),
        any(is_false(claim, claim.finding, means) for claim in every),
        winner is not None and bool((np.delete(means, winner) <= means[winner]).any()),
        0 not in best,
        not all(holds(claim, means) for claim in baseline),
        not all(holds(claim, means) for claim in every),
        not best_intervals_hold(pairs, means),
        any(is_false(claim, finding, means) for claim, finding in flips),
        share({claim.arm for claim in baseline if claim.finding == "worse"}, worse),
        share(worse_than(leader, [(claim, claim.finding) for claim in every]), worse),
        share({arm for arm in worse if arm not in best}, worse),
        share(worse_than(leader, flips), worse),
    )


def table(losses: Floats) -> Pairs:
    """All pairs of arms 0 to k - 1."""
    return pairs_of({arm: dict(enumerate(by_seed)) for arm, by_seed in enumerate(losses.tolist())})


def flip_findings(pairs: Pairs, claims: list[Claim]) -> list[tuple[Claim, str]]:
    """What sign flips alone would say; nothing below 6 seeds."""
    if len(pairs.arms) > FLIPS_UP_TO:
        return []
    p = sign_flips(np.stack([pairs.gaps(claim.arm, claim.other) for claim in claims]))
    if p is None:
        return []
    signs = [pairs.mean[claim.arm, claim.other] for claim in claims]
    said = [
        "undecided" if one > 0.05 else "worse" if sign > 0 else "better" for one, sign in zip(p, signs, strict=True)
    ]
    return list(zip(claims, said, strict=True))


def is_false(claim: Claim, finding: str, means: Floats) -> bool:
    """Whether a finding contradicts the means."""
    gap = means[claim.arm] - means[claim.other]
    return bool((finding == "worse" and gap <= 0) or (finding == "better" and gap >= 0))


def holds(claim: Claim, means: Floats) -> bool:
    """Whether the joint interval contains the true difference."""
    gap = claim.difference
    if gap is None or gap.low is None or gap.high is None:
        return True
    return bool(gap.low <= means[claim.arm] - means[claim.other] <= gap.high)


def best_intervals_hold(pairs: Pairs, means: Floats) -> bool:
    """Whether all gaps to the best contain the true ones."""
    gaps = gaps_to_best(pairs)
    true = [mean - np.delete(means, arm).min() for arm, mean in enumerate(means)]
    return all(one.low is None or one.low <= gap for one, gap in zip(gaps, true, strict=True)) and all(
        one.high is None or gap <= one.high for one, gap in zip(gaps, true, strict=True)
    )


def worse_than(leader: object, findings: list[tuple[Claim, str]]) -> set[object]:
    """The arms that are shown to be worse than the leader."""
    arms = {claim.arm for claim, said in findings if claim.other == leader and said == "worse"}
    return arms | {claim.other for claim, said in findings if claim.arm == leader and said == "better"}


def share(shown: set, worse: set) -> float:
    """Which part of the worse arms is shown; 0 without one."""
    return len(shown & worse) / len(worse) if worse else 0.0


def has_flips(point: Point) -> bool:
    """Whether sign flips are made."""
    return point.seeds >= 6 and point.arms <= FLIPS_UP_TO
