"""One line of a table: a loss with its hyperparameters, over its seeds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from lsbench.catalogue import LOSSES
from lsbench.spec import arm_name
from lsbench.statistics import Difference, Spread, cautious_difference, gaps_of, spread
from lsbench.store import Row
from lsbench.summary.quantity import value_of

BASELINE = "ce"
ALPHA = 0.05  # of every interval and test


@dataclass(frozen=True)
class Arm:
    """A loss with its hyperparameters, and the ok rows it has in one setting."""

    loss: str
    hyper: tuple[tuple[str, float], ...]
    rows: tuple[Row, ...]  # in the order of their seeds

    @property
    def key(self) -> tuple[str, tuple[tuple[str, float], ...]]:
        """What tells it from other arms."""
        return self.loss, self.hyper

    @property
    def name(self) -> str:
        """As a person writes it."""
        return arm_name(self.loss, self.hyper)

    @property
    def n(self) -> int:
        """How many seeds."""
        return len(self.rows)

    @cached_property
    def _known(self) -> dict[str, dict[int, float]]:
        return {}

    def by_seed(self, name: str) -> Mapping[int, float]:
        """A number (see `value_of`) of each seed that has it."""
        if name not in self._known:
            values = {row.cell.seed: value_of(row, name) for row in self.rows}
            self._known[name] = {seed: value for seed, value in values.items() if value is not None}
        return self._known[name]

    def spread(self, name: str) -> Spread | None:
        """Its mean over the seeds, and the standard deviation of one."""
        return spread(list(self.by_seed(name).values()))

    @property
    def seconds_per_epoch(self) -> float:
        """Wall-clock, training and measuring."""
        return sum((row.seconds or 0) / row.cell.recipe.all_epochs for row in self.rows) / max(1, self.n)


class Named(Protocol):
    """What has a loss and its hyperparameters: a cell, an arm."""

    @property
    def loss(self) -> str:
        """The loss's name."""
        ...

    @property
    def hyper(self) -> tuple[tuple[str, float], ...]:
        """Its hyperparameters."""
        ...


def arms_of(rows: Iterable[Row]) -> list[Arm]:
    """The arms of one setting's ok rows: the catalogue's order, then by hyperparameters.

    Versions of a loss of the user's own are arms apart: their names end in @ and the hash of their source.
    """
    ok = sorted((row for row in rows if row.status == "ok"), key=lambda row: (arm_order(row.cell), row.cell.seed))
    versions: dict[str, set[str]] = {}
    for row in ok:
        versions.setdefault(row.cell.loss, set()).add(_source(row))
    arms: dict[tuple, list[Row]] = {}
    for row in ok:
        version = f"@{_source(row)[:6]}" if len(versions[row.cell.loss]) > 1 else ""
        arms.setdefault((row.cell.loss + version, row.cell.hyper), []).append(row)
    return [Arm(loss, hyper, tuple(of)) for (loss, hyper), of in arms.items()]


def _source(row: Row) -> str:
    return dict(row.cell.sources).get("loss", "")


def arm_order(arm: Named) -> tuple:
    """The order of a table's lines: the catalogue's, then by hyperparameters."""
    known = list(LOSSES)
    return (known.index(arm.loss) if arm.loss in known else len(known), arm.loss, arm.hyper)


def pairs(a: Mapping[int, float], b: Mapping[int, float]) -> tuple[list[float], list[float]]:
    """The values of the seeds that both have, in the order of the seeds."""
    seeds = sorted(a.keys() & b.keys())
    return [a[seed] for seed in seeds], [b[seed] for seed in seeds]


def gaps(a: Arm, b: Arm, name: str, better: str = "") -> np.ndarray:
    """The number of one arm minus that of the other at the seeds that both have, (n,); of |numbers| for "zero"."""
    ours, theirs = pairs(a.by_seed(name), b.by_seed(name))
    return gaps_of(np.abs(ours), np.abs(theirs)) if better == "zero" else gaps_of(ours, theirs)


def compare(a: Arm, b: Arm, name: str, better: str = "") -> Difference | None:
    """The number of one arm minus that of the other, paired by seed; of |numbers| where better is "zero"."""
    return cautious_difference(gaps(a, b, name, better), ALPHA)
