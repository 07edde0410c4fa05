"""How much accuracy it costs to choose eps without clean labels: per loss, eps chosen on noisy held-out labels."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lsbench.analysis.summary.arms import ALPHA, ArmResults, pairs
from lsbench.analysis.summary.same_function import fold
from lsbench.statistics import Difference, Spread, cautious_difference, gaps_of, spread

ORACLE = "oracle"
CHOOSERS: dict[str, tuple[str, int]] = {  # how eps is chosen: the number looked at, and the sign that makes it better
    "noisy accuracy": ("val_accuracy", 1),
    "noisy NLL": ("val_nll", -1),
    ORACLE: ("val_clean_accuracy", 1),
}
OF_GIVEN = {  # the same where nobody knows which training labels are wrong
    "held-out accuracy": CHOOSERS["noisy accuracy"],
    "held-out NLL": CHOOSERS["noisy NLL"],
}


@dataclass(frozen=True)
class Chosen:
    """What one way of choosing eps gave, over the seeds."""

    eps: tuple[tuple[float, int], ...]  # each chosen eps, and for how many seeds
    spreads: Mapping[str, Spread | None]  # of accuracy, ece and nll on the test set
    price: Difference | None  # the oracle's accuracy minus this one's, paired by seed; None where there is no other


@dataclass(frozen=True)
class EpsChoice:
    """A loss that was trained with several eps in one setting."""

    loss: str
    n: int  # seeds that have every eps
    chosen: Mapping[str, Chosen]  # by the names of `CHOOSERS` or `OF_GIVEN`


def choose_eps(arms: Sequence[ArmResults], *, given: bool = False) -> list[EpsChoice]:
    """For each loss with more than one eps: per seed the best eps by each way of choosing, then the test's numbers.

    Only seeds that have every eps count; of equally good eps the smallest is taken. Nothing is chosen for a loss that
    lost seeds at some eps: the seeds that are left may be those at which it did well. A loss that is the same function
    as another at each eps is left out beside it. `given`: nobody knows which training labels are wrong.
    """
    no_oracle = given or not any(arm.by_seed(CHOOSERS[ORACLE][0]) for arm in arms)
    choosers = OF_GIVEN if no_oracle else CHOOSERS
    standing = {arm.key.tagged_loss for arm in fold(arms).arms}
    by_loss: dict[str, list[ArmResults]] = {}
    for arm in arms:
        if arm.key.eps is not None and arm.key.tagged_loss in standing:
            by_loss.setdefault(arm.key.tagged_loss, []).append(arm)
    several = {loss: group for loss, group in by_loss.items() if len(group) > 1 and all(a.comparable for a in group)}
    return [choice for loss, group in several.items() if (choice := _choice(loss, group, choosers))]


def _choice(loss: str, arms: Sequence[ArmResults], choosers: Mapping[str, tuple[str, int]]) -> EpsChoice | None:
    needed = ["accuracy", *(name for name, _ in choosers.values())]
    seeds = sorted(set.intersection(*(set(arm.by_seed(name)) for arm in arms for name in needed)))
    if not seeds:
        return None
    ordered = sorted(arms, key=lambda arm: arm.key.eps or 0.0)
    picked = {
        way: {seed: max(ordered, key=lambda arm: arm.by_seed(name)[seed] * sign) for seed in seeds}
        for way, (name, sign) in choosers.items()
    }
    oracle = _of_picked(picked[ORACLE], "accuracy") if ORACLE in picked else None
    chosen = {way: _chosen(arms, None if way == ORACLE else oracle) for way, arms in picked.items()}
    return EpsChoice(loss, len(seeds), chosen)


def _chosen(picked: Mapping[int, ArmResults], oracle: Mapping[int, float] | None) -> Chosen:
    counts = Counter(eps for arm in picked.values() if (eps := arm.key.eps) is not None)
    return Chosen(
        tuple(sorted(counts.items())),
        {name: spread(list(_of_picked(picked, name).values())) for name in ("accuracy", "ece", "nll")},
        None if oracle is None else _price(oracle, _of_picked(picked, "accuracy")),
    )


def _price(oracle: Mapping[int, float], ours: Mapping[int, float]) -> Difference | None:
    return cautious_difference(gaps_of(*pairs(oracle, ours)), ALPHA)


def _of_picked(picked: Mapping[int, ArmResults], name: str) -> dict[int, float]:
    return {seed: arm.by_seed(name)[seed] for seed, arm in picked.items() if seed in arm.by_seed(name)}
