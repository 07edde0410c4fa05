"""Whether a ranking depends on the selection rule: the same trainings, read by every rule that the field uses."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import comb

from lsbench.analysis.selection import LAST_K, rule_labels
from lsbench.analysis.summary.arms import ArmResults
from lsbench.analysis.summary.same_function import fold
from lsbench.analysis.summary.screened import chosen_from
from lsbench.spec import Arm
from lsbench.statistics import FamilySize, RobustClaim, compare_under_rules, is_above, kendall_tau


@dataclass(frozen=True)
class Win:
    """One arm is shown to be more accurate than another: under which rules."""

    better: ArmResults
    worse: ArmResults
    rules: tuple[str, ...]
    p: float  # the largest over the rules, adjusted by Holm for all pairs: of "under every rule"


@dataclass(frozen=True)
class Multiverse:
    """The arms of one setting under each rule, by accuracy on the test set."""

    rules: tuple[str, ...]  # those that every arm has a number of
    arms: tuple[ArmResults, ...]
    ranks: Mapping[str, Mapping[Arm, int]]  # rule -> arm's key -> 1 for the highest mean; ties share the lower
    taus: Mapping[str, float | None]  # Kendall's tau-b of each rule's means with those of the last epoch
    pairs: FamilySize  # counted: of these arms and those that lost seeds, or of all that they were chosen from
    surviving: tuple[Win, ...]  # shown under every rule, adjusted for all pairs
    fragile: tuple[Win, ...]  # the others that are shown under some rule, adjusted for all pairs and all rules


def multiverse(arms: Sequence[ArmResults], k: int = LAST_K, *, show_dishonest: bool = False) -> Multiverse | None:
    """Compare the rules; None of fewer than two arms or rules, or where the arms share no seed.

    Losses that are one function are one arm. Arms that lost seeds are not compared, unless their survivors may be; they
    count in the adjustment, as in every family.
    What is shown is adjusted for all pairs of arms, of which the data chose those that are named; for the list of rules
    also for the rules: see `statistics.compare_under_rules`.
    """
    folded = fold(arms).arms
    arms = [arm for arm in folded if arm.comparable]
    names = rule_labels(k, show_dishonest=show_dishonest)
    shared = {rule: _shared(arms, rule) for rule in names}
    rules = tuple(rule for rule in names if shared[rule])
    if len(arms) < 2 or len(rules) < 2:
        return None
    means = {rule: [_mean(arm, rule, shared[rule]) for arm in arms] for rule in rules}
    counted = max(chosen_from(folded), len(folded))
    claims = _claims(arms, rules, counted)
    return Multiverse(
        rules,
        tuple(arms),
        {
            rule: {arm.key: 1 + int(is_above(values, mean).sum()) for arm, mean in zip(arms, values, strict=True)}
            for rule, values in means.items()
        },
        {rule: kendall_tau(values, means[rules[0]]) for rule, values in means.items()},
        FamilySize(comb(len(arms), 2), comb(counted, 2)),
        _wins(arms, (one for one in claims if one.better_under_every_rule)),
        _wins(arms, (one for one in claims if one.better_under and not one.better_under_every_rule)),
    )


def _claims(arms: Sequence[ArmResults], rules: Sequence[str], counted: int) -> list[RobustClaim]:
    """What is shown of each ordered pair, by the error rate of each rule; counted: how many arms."""
    errors: dict[Hashable, dict[Hashable, dict[int, float | None]]] = {
        rule: {arm.key: {seed: 1 - accuracy for seed, accuracy in _accuracies(arm, rule).items()} for arm in arms}
        for rule in rules
    }
    return compare_under_rules(errors, chosen_from=counted)


def _accuracies(arm: ArmResults, rule: str) -> Mapping[int, float]:
    return arm.compared(f"{rule}.accuracy")


def _wins(arms: Sequence[ArmResults], claims: Iterable[RobustClaim]) -> tuple[Win, ...]:
    by_key: dict[Hashable, ArmResults] = {arm.key: arm for arm in arms}
    return tuple(
        Win(by_key[one.arm], by_key[one.other], tuple(map(str, one.better_under)), one.p_every_rule) for one in claims
    )


def _shared(arms: Sequence[ArmResults], rule: str) -> set[int]:
    return set.intersection(*(set(arm.by_seed(f"{rule}.accuracy")) for arm in arms)) if arms else set()


def _mean(arm: ArmResults, rule: str, seeds: set[int]) -> float:
    return sum(arm.by_seed(f"{rule}.accuracy")[seed] for seed in sorted(seeds)) / len(seeds)
