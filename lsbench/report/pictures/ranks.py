"""Critical-difference diagram: the arms' average ranks over settings and seeds (Demšar, 2006)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lsbench.names.catalogue import METRICS as CATALOGUE
from lsbench.report.pictures.groups import Group, by_seed, choose
from lsbench.report.pictures.picture import left_out_text
from lsbench.rows.row import Row
from lsbench.spec import Arm
from lsbench.statistics import average_ranks, critical_difference, friedman

METRICS = ("accuracy", "ece")
MOST_ARMS = 12
ROUNDED = 6  # decimals: the same function in two forms differs by rounding, and ties
FEWEST_ARMS, FEWEST_BLOCKS = 3, 2

Block = Mapping[Arm, float]  # one setting and seed


@dataclass(frozen=True)
class Ranking:
    """Of one metric; 1 is the best rank."""

    metric: str
    arms: tuple[Arm, ...]  # by rank
    ranks: tuple[float, ...]
    alike: tuple[tuple[int, int], ...]  # first and last place of each longest run of arms that don't differ
    critical: float  # Nemenyi's critical difference of two average ranks, at 95 %
    friedman_p: float
    blocks: int


@dataclass(frozen=True)
class Ranks:
    """One ranking per metric."""

    rankings: tuple[Ranking, ...]
    left_out: int  # arms
    settings: int
    not_ranked: tuple[Arm, ...] = ()  # not ranked, as they lost seeds


def prepare(groups: Sequence[Group]) -> Ranks | None:
    """The rankings of at most 12 arms; None with fewer than 3 arms or 2 blocks that have them all.

    An arm that lost seeds somewhere is not ranked: the blocks that it shares would be those at which it did well.
    """
    not_ranked = frozenset[Arm]().union(*(group.not_compared for group in groups))
    groups = [replace(group, not_compared=not_ranked) for group in groups]
    together: dict[Arm, list[Row]] = {}
    for group in groups:
        for arm, rows in group.comparable.items():
            together.setdefault(arm, []).extend(rows)
    widespread = _widespread(groups)
    arms = choose({arm: together[arm] for arm in widespread}, MOST_ARMS)
    possible = (_ranking(name, arms, _blocks(groups, name)) for name in METRICS)
    rankings = tuple(ranking for ranking in possible if ranking)
    settings = sum(all(arm in group.arms for arm in arms) for group in groups)
    return Ranks(rankings, len(together) - len(arms), settings, tuple(sorted(not_ranked))) if rankings else None


def _widespread(groups: Sequence[Group]) -> list[Arm]:
    """The arms that as many settings have as any other arm."""
    counts = Counter(arm for group in groups for arm in group.comparable)
    return [arm for arm, count in counts.items() if count == max(counts.values())]


def _blocks(groups: Sequence[Group], name: str) -> list[Block]:
    blocks: dict[tuple[int, int], dict[Arm, float]] = {}
    for i, group in enumerate(groups):
        for arm, rows in group.comparable.items():
            for seed, value in by_seed(rows, name).items():
                blocks.setdefault((i, seed), {})[arm] = value
    return list(blocks.values())


def _ranking(name: str, arms: Sequence[Arm], blocks: Sequence[Block]) -> Ranking | None:
    scores = np.array([[block[arm] for arm in arms] for block in blocks if all(arm in block for arm in arms)])
    if len(arms) < FEWEST_ARMS or len(scores) < FEWEST_BLOCKS:
        return None
    ranks = average_ranks(scores.round(ROUNDED), CATALOGUE[name].better)
    order = np.argsort(ranks, kind="stable")
    critical = critical_difference(len(arms), len(scores))
    sorted_ranks = ranks[order].tolist()
    return Ranking(
        name,
        tuple(arms[i] for i in order),
        tuple(sorted_ranks),
        _alike(sorted_ranks, critical),
        critical,
        friedman(scores.round(ROUNDED)),
        len(scores),
    )


def _alike(ranks: Sequence[float], critical: float) -> tuple[tuple[int, int], ...]:
    """The longest runs of sorted ranks that span less than the critical difference, of two arms at least."""
    runs: list[tuple[int, int]] = []
    for first, rank in enumerate(ranks):
        last = max(i for i, other in enumerate(ranks) if other - rank < critical)
        if last > first and not (runs and runs[-1][1] >= last):
            runs.append((first, last))
    return tuple(runs)


def caption(data: Ranks) -> str:
    """What is shown."""
    settings = "1 setting" if data.settings == 1 else f"{data.settings} settings"
    blocks = " and ".join(dict.fromkeys(str(ranking.blocks) for ranking in data.rankings))
    return (
        f"Average rank of each arm, 1 the best, over {blocks} blocks (a seed of one of {settings}). Arms joined by a "
        "bar are closer than Nemenyi's critical difference CD at 95 %: no difference is shown. Seeds of one setting "
        f"count as blocks of their own; p: Friedman's test.{left_out_text(data.left_out)}"
        + f" Not ranked, as they lost seeds: {', '.join(arm.name for arm in data.not_ranked)}."
        * bool(data.not_ranked)
    )
