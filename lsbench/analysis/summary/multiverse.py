"""Whether a ranking depends on the selection rule: the same trainings, read by every rule that the field uses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from lsbench.analysis.selection import LAST_K, rule_labels
from lsbench.analysis.summary.arms import ArmResults, compare
from lsbench.spec import Arm
from lsbench.statistics import is_above, kendall_tau


@dataclass(frozen=True)
class Win:
    """One arm is shown to be more accurate than another: under which rules."""

    better: ArmResults
    worse: ArmResults
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Multiverse:
    """The arms of one setting under each rule, by accuracy on the test set."""

    rules: tuple[str, ...]  # those that every arm has a number of
    arms: tuple[ArmResults, ...]
    ranks: Mapping[str, Mapping[Arm, int]]  # rule -> arm's key -> 1 for the highest mean; ties share the lower
    taus: Mapping[str, float | None]  # Kendall's tau-b of each rule's means with those of the last epoch
    surviving: tuple[Win, ...]  # decided the same way under all rules
    fragile: tuple[Win, ...]  # decided under some


def multiverse(arms: Sequence[ArmResults], k: int = LAST_K, *, show_dishonest: bool = False) -> Multiverse | None:
    """Compare the rules over the seeds that all arms share; None of fewer than two arms or rules, or of no seed.

    Arms that lost seeds are left out, unless their survivors may be compared.
    """
    arms = [arm for arm in arms if arm.comparable]
    names = rule_labels(k, show_dishonest=show_dishonest)
    shared = {rule: _shared(arms, rule) for rule in names}
    rules = tuple(rule for rule in names if shared[rule])
    if len(arms) < 2 or len(rules) < 2:
        return None
    means = {rule: [_mean(arm, rule, shared[rule]) for arm in arms] for rule in rules}
    wins = [Win(a, b, tuple(rule for rule in rules if _beats(a, b, rule))) for a, b in permutations(arms, 2)]
    return Multiverse(
        rules,
        tuple(arms),
        {
            rule: {arm.key: 1 + int(is_above(values, mean).sum()) for arm, mean in zip(arms, values, strict=True)}
            for rule, values in means.items()
        },
        {rule: kendall_tau(values, means[rules[0]]) for rule, values in means.items()},
        tuple(win for win in wins if len(win.rules) == len(rules)),
        tuple(win for win in wins if 0 < len(win.rules) < len(rules)),
    )


def _shared(arms: Sequence[ArmResults], rule: str) -> set[int]:
    return set.intersection(*(set(arm.by_seed(f"{rule}.accuracy")) for arm in arms)) if arms else set()


def _mean(arm: ArmResults, rule: str, seeds: set[int]) -> float:
    return sum(arm.by_seed(f"{rule}.accuracy")[seed] for seed in sorted(seeds)) / len(seeds)


def _beats(a: ArmResults, b: ArmResults, rule: str) -> bool:
    gap = compare(a, b, f"{rule}.accuracy")
    return gap is not None and gap.decided and gap.mean > 0
