"""Reliability diagrams: how often predictions of each confidence are right, before and after temperature scaling."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from lsbench.errors import InputError
from lsbench.names.bins import DEFAULT_BINS
from lsbench.report.pictures.groups import Group, choose, number
from lsbench.report.pictures.picture import LARGEST, MOST_LINES, left_out_text
from lsbench.rows.row import Row
from lsbench.rows.sketch import merge, unpack
from lsbench.spec import Arm
from lsbench.statistics import wilson_interval

WAY = "known"  # of fitting the temperature: the honest one that knows of the noise
WAY_OF_GIVEN = "noisy"  # where nobody knows of it


FITTED_BY = {WAY: "with the known noise matrix", WAY_OF_GIVEN: "by their given labels"}
OF_RIGHT = (
    f"Share of right predictions against their confidence, in {DEFAULT_BINS} bins of the test set; above the diagonal "
    "is under-confident"
)
OF_GIVEN = (
    f"Against given labels: share of predictions that are the given label against their confidence, in {DEFAULT_BINS} "
    "bins of the test set; wrong labels lower it, so that a point below the diagonal does not show over-confidence"
)


@dataclass(frozen=True)
class PooledBins:
    """The predictions of all seeds together, in equal-width bins; the tuples but `shares` leave empty bins out."""

    confidence: tuple[float, ...]  # mean
    correct: tuple[float, ...]  # share
    low: tuple[float, ...]  # Wilson's 95 % interval of that share
    high: tuple[float, ...]
    shares: tuple[float, ...]  # of all predictions, per bin, empty ones included
    ece: float | None  # mean over the seeds


@dataclass(frozen=True)
class Diagram:
    """One arm; None where its rows don't tell."""

    arm: Arm
    before: PooledBins | None
    after: PooledBins | None
    n: int  # seeds


@dataclass(frozen=True)
class Reliability:
    """One diagram per arm."""

    diagrams: tuple[Diagram, ...]
    left_out: int  # arms
    way: str = WAY  # of fitting the temperature
    given: bool = False  # whether nobody knows which test labels are wrong


def prepare(group: Group) -> Reliability | None:
    """The diagrams of at most 8 arms; None where no row has a sketch or scaled bins."""
    there = {arm: rows for arm, rows in group.arms.items() if any(row.sketch or row.scaled for row in rows)}
    arms = choose(there, MOST_LINES)
    setting = group.setting
    way = WAY_OF_GIVEN if setting.trains_on_given else WAY
    diagrams = (_diagram(arm, there[arm], way) for arm in arms)
    drawable = tuple(diagram for diagram in diagrams if diagram.before or diagram.after)
    return Reliability(drawable, len(there) - len(arms), way, setting.tests_on_given) if drawable else None


def _diagram(arm: Arm, rows: Sequence[Row], way: str) -> Diagram:
    plain = [number(row, "ece") for row in rows]
    scaled = [(row.scaled.get(way) or {}).get("metrics", {}).get("ece") for row in rows]
    return Diagram(
        arm,
        _pool((_of_sketch(row.sketch) for row in rows), plain),
        _pool((_of_scaled(row, way) for row in rows), scaled),
        len(rows),
    )


def _of_sketch(text: str | None) -> np.ndarray | None:
    """Count, summed confidence and correctness of each bin, (3, bins)."""
    try:
        sums = merge(unpack(text), DEFAULT_BINS) if text else None
    except InputError:
        return None  # a damaged row still has its other numbers
    return None if sums is None else np.array([sums.count, sums.confidence, sums.correct])


def _of_scaled(row: Row, way: str) -> np.ndarray | None:
    bins = (row.scaled.get(way) or {}).get("bins", {})
    lists = [bins.get(name) or [] for name in ("count", "confidence", "correct")]
    if any(len(values) != DEFAULT_BINS or None in values for values in lists):
        return None
    sums = np.array(lists, float)
    count, confidence, correct = sums
    sound = (sums >= 0).all() and count.max() <= LARGEST and (confidence <= count).all() and (correct <= count).all()
    return sums if sound else None


def _pool(per_seed: Iterable[np.ndarray | None], eces: Iterable[float | None]) -> PooledBins | None:
    tables = [sums for sums in per_seed if sums is not None]
    if not tables or not (total := np.sum(tables, 0))[0].sum():
        return None
    filled = np.flatnonzero(total[0])
    count, confidence, correct = total[:, filled]
    low, high = wilson_interval(correct, count)
    present = [ece for ece in eces if ece is not None]
    return PooledBins(
        *(
            tuple(values.tolist())
            for values in (confidence / count, correct / count, low, high, total[0] / total[0].sum())
        ),
        ece=float(np.mean(present)) if present else None,
    )


def caption(data: Reliability) -> str:
    """What is shown."""
    n = {diagram.n for diagram in data.diagrams}
    seeds = f"{min(n)} to {max(n)} seeds" if len(n) > 1 else "1 seed" if n == {1} else f"{max(n)} seeds"
    after = any(diagram.after for diagram in data.diagrams)
    return (
        f"{OF_GIVEN if data.given else OF_RIGHT}; below, how many predictions each bin has. {seeds} pooled; bars: "
        "Wilson's 95 % interval, as if all predictions were independent. "
        + f"Hollow: after scaling by a temperature fitted on held-out data {FITTED_BY[data.way]}. " * after
        + f"ECE: mean over seeds.{left_out_text(data.left_out)}"
    )
