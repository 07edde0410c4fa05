"""Critical-difference diagram: the arms' average ranks over settings, each of which is one block (Demšar, 2006)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lsbench.analysis.summary import ArmResults
from lsbench.names.catalogue import METRICS as CATALOGUE
from lsbench.report.pictures.groups import Group, choose, rows_of_all, stands_over
from lsbench.report.pictures.picture import left_out_text
from lsbench.report.same_function import same_text
from lsbench.spec import Arm
from lsbench.statistics import SettingRanks, rank_over_settings

METRICS = ("accuracy", "ece")
DECIDED = "accuracy"  # the one that is ranked where nobody knows which test labels are wrong
UNRANKED = " By ECE nothing is ranked, as some test labels are as given."
MOST_ARMS = 12
ROUNDED = 6  # decimals: the same function in two forms differs by rounding, and ties
FEWEST_ARMS = 3


@dataclass(frozen=True)
class Ranking:
    """Of one metric; 1 is the best rank."""

    metric: str
    arms: tuple[Arm, ...]  # by rank
    ranks: tuple[float, ...]
    alike: tuple[tuple[int, int], ...]  # first and last place of each longest run of arms that are not told apart
    critical: float  # Nemenyi's critical difference of two average ranks, at 95 %
    friedman_p: float
    blocks: int  # settings


@dataclass(frozen=True)
class Ranks:
    """One ranking per metric."""

    rankings: tuple[Ranking, ...]
    left_out: int  # arms
    stands: Mapping[Arm, Arm]  # by each arm, the one that stands for its function
    not_ranked: tuple[Arm, ...] = ()  # as they lost seeds
    not_everywhere: tuple[Arm, ...] = ()  # not ranked, as other arms have rows in more settings
    given: bool = False  # whether in some setting nobody knows which test labels are wrong


def prepare(groups: Sequence[Group]) -> Ranks | None:
    """The rankings of at most 12 arms; None with fewer than 3 arms or 5 settings that have them all.

    Each setting ranks the arms by their means over its seeds, as seeds of one setting share what the setting does to an
    arm. An arm that lost seeds somewhere is not ranked: the seeds that are left would be those at which it did well.
    """
    not_ranked = frozenset[Arm]().union(*(group.not_compared for group in groups))
    stands = stands_over(groups)
    together = {a: rows for a, rows in rows_of_all(groups).items() if stands[a] == a and a not in not_ranked}
    widespread = _widespread(groups, list(together))
    arms = choose({arm: together[arm] for arm in widespread}, MOST_ARMS)
    given = any(group.setting.tests_on_given for group in groups)
    possible = (_ranking(name, arms, groups) for name in METRICS if not given or name == DECIDED)
    rankings = tuple(ranking for ranking in possible if ranking)
    if not rankings:
        return None
    elsewhere = tuple(arm for arm in together if arm not in widespread)
    return Ranks(rankings, len(widespread) - len(arms), stands, tuple(sorted(not_ranked)), elsewhere, given)


def _widespread(groups: Sequence[Group], arms: Sequence[Arm]) -> list[Arm]:
    """The arms that as many settings have as any other arm."""
    counts = Counter(arm for group in groups for arm in arms if arm in group.every_arm)
    return [arm for arm in arms if counts[arm] == max(counts.values())]


def _ranking(name: str, arms: Sequence[Arm], groups: Sequence[Group]) -> Ranking | None:
    if len(arms) < FEWEST_ARMS:
        return None
    results = [{arm.key: arm for arm in group.results} for group in groups]
    ranked = rank_over_settings(
        {arm: {i: _losses(by_arm.get(arm), name) for i, by_arm in enumerate(results)} for arm in arms}
    )
    if ranked is None:
        return None
    order = sorted(range(len(arms)), key=lambda i: ranked.ranks[i])
    return Ranking(
        name,
        tuple(arms[i] for i in order),
        tuple(ranked.ranks[i] for i in order),
        _alike(ranked, [arms[i] for i in order]),
        ranked.critical_difference,
        ranked.p,
        len(ranked.settings),
    )


def _losses(arm: ArmResults | None, name: str) -> dict[int, float]:
    """By seed, so that less is better."""
    sign = -1 if CATALOGUE[name].better == "higher" else 1
    return {} if arm is None else {seed: round(sign * value, ROUNDED) for seed, value in arm.compared(name).items()}


def _alike(ranked: SettingRanks, in_order: Sequence[Arm]) -> tuple[tuple[int, int], ...]:
    """The longest runs of arms, in the order of their ranks, that are not told apart, of two arms at least."""
    runs: list[tuple[int, int]] = []
    for first, arm in enumerate(in_order):
        last = max(i for i, other in enumerate(in_order) if i == first or (i > first and not ranked.apart(arm, other)))
        if last > first and not (runs and runs[-1][1] >= last):
            runs.append((first, last))
    return tuple(runs)


def caption(data: Ranks) -> str:
    """What is shown."""
    blocks = " and ".join(dict.fromkeys(str(ranking.blocks) for ranking in data.rankings))
    return (
        f"Average rank of each arm, 1 the best, over {blocks} settings: each ranks the arms by their means over its "
        "seeds. p: Friedman's test over the settings. Arms joined by a bar are not told apart: they are closer than "
        "Nemenyi's critical difference CD at 95 %, or p is above 0.05. Settings that share data or model count as "
        f"independent.{UNRANKED * data.given}{left_out_text(data.left_out)}{same_text(data.stands)}"
        + _named("they lost seeds", data.not_ranked)
        + _named("they were not trained in every setting", data.not_everywhere)
    )


def _named(why: str, arms: Sequence[Arm]) -> str:
    return f" Not ranked, as {why}: {', '.join(arm.name for arm in arms)}." if arms else ""
