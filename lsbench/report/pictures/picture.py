"""The pieces that pictures are made of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lsbench.spec import Arm

LARGEST = 1e9  # in magnitude, of a number worth drawing: no measured one comes near
MOST_LINES = 8  # in one panel


@dataclass(frozen=True)
class Picture:
    """One picture of a report: its numbers and its words."""

    name: str  # a file's stem, unique among the pictures of a report
    title: str
    caption: str  # what is shown, what the band is, how many seeds, what was left out
    data: Any  # one of the dataclasses of this room


@dataclass(frozen=True)
class Line:
    """Of one arm, a mean over seeds at each x; sd (of one seed) is None where one seed shows no spread."""

    arm: Arm
    x: tuple[float, ...]
    mean: tuple[float, ...]
    sd: tuple[float | None, ...]
    n: tuple[int, ...]  # how many seeds


@dataclass(frozen=True)
class Panel:
    """The lines of one measured number."""

    metric: str
    lines: tuple[Line, ...]


def line(arm: Arm, x: Sequence[float], values: np.ndarray) -> Line | None:
    """Means and standard deviations (n - 1) of values (seeds, points), NaN where there is none; None of nothing."""
    there = np.isfinite(values)
    n = there.sum(0)
    mean = np.where(there, values, 0).sum(0) / np.maximum(n, 1)
    squares = np.where(there, (values - mean) ** 2, 0).sum(0)
    sd = np.sqrt(squares / np.maximum(n - 1, 1))
    kept = np.flatnonzero(n).tolist()
    if not kept:
        return None
    return Line(
        arm,
        tuple(float(x[i]) for i in kept),
        tuple(mean[kept].tolist()),
        tuple(float(sd[i]) if n[i] > 1 else None for i in kept),
        tuple(n[kept].tolist()),
    )


def as_table(lists: Sequence[Sequence[float | None]]) -> np.ndarray:
    """Lists as the rows of a float64 array, NaN where one is short, None, or too large to be drawn."""
    table = np.full((len(lists), max(map(len, lists), default=0)), np.nan)
    for i, values in enumerate(lists):
        table[i, : len(values)] = np.array(values, float)
    table[~(np.abs(table) <= LARGEST)] = np.nan
    return table


def seeds_text(lines: Iterable[Line]) -> str:
    """How many seeds, and what the band is."""
    counts = {n for line in lines for n in line.n}
    low, high = min(counts, default=0), max(counts, default=0)
    if high <= 1:
        return "One seed, so no band."
    return f"Mean of {low if low == high else f'{low} to {high}'} seeds; band: ± sd of one seed."


def left_out_text(count: int) -> str:
    """Which arms were left out, as a sentence that can follow others."""
    if not count:
        return ""
    arms = "arm was" if count == 1 else "arms were"
    return (
        f" {count} more {arms} left out: of each loss, then of the losses, those behind on held-out data (without any,"
        " the later ones)."
    )
