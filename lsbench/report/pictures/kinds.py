"""Every kind of picture, one entry each: a new kind is its numbers here, its drawing in `report.figures`, and an entry.

The order of the entries is the order in which a report shows them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from lsbench.report.pictures import coverage, forest, learning, noise_sweep, ranks, recall, reliability, smoothing_sweep


class Scope(Enum):
    """What one picture of a kind is about: what its `prepare` takes."""

    report = "all groups of rows"
    sweep = "a `Sweep`: settings that differ in the noise rate only"
    setting = "a `Group`: one setting"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of picture."""

    stem: str  # how its files' names begin
    title: str
    scope: Scope
    data: type  # its numbers
    prepare: Callable[[Any], Any]  # makes them; None where there is nothing to show
    caption: Callable[[Any], str]  # of the numbers
    drawing: str  # `module:function` of (numbers, title, narrow) -> Figure, imported when it is drawn
    together: bool = False  # shown before the pictures that stand together setting by setting


KINDS = (
    Kind(
        stem="forest",
        title="Differences from ce",
        scope=Scope.setting,
        data=forest.Forest,
        prepare=forest.prepare,
        caption=forest.caption,
        drawing="lsbench.report.figures.forest:draw_forest",
        together=True,
    ),
    Kind(
        stem="accuracy-noise",
        title="Accuracy and calibration by noise rate",
        scope=Scope.sweep,
        data=noise_sweep.NoiseSweep,
        prepare=noise_sweep.prepare,
        caption=noise_sweep.caption,
        drawing="lsbench.report.figures.lines:draw_noise_sweep",
        together=True,
    ),
    Kind(
        stem="accuracy-eps",
        title="Accuracy and calibration by smoothing",
        scope=Scope.sweep,
        data=smoothing_sweep.SmoothingSweep,
        prepare=smoothing_sweep.prepare,
        caption=smoothing_sweep.caption,
        drawing="lsbench.report.figures.smoothing:draw_smoothing_sweep",
        together=True,
    ),
    Kind(
        stem="ranks",
        title="Average ranks",
        scope=Scope.report,
        data=ranks.Ranks,
        prepare=ranks.prepare,
        caption=ranks.caption,
        drawing="lsbench.report.figures.ranks:draw_ranks",
        together=True,
    ),
    Kind(
        stem="reliability",
        title="Reliability",
        scope=Scope.setting,
        data=reliability.Reliability,
        prepare=reliability.prepare,
        caption=reliability.caption,
        drawing="lsbench.report.figures.reliability:draw_reliability",
    ),
    Kind(
        stem="learning",
        title="Learning curves",
        scope=Scope.setting,
        data=learning.Learning,
        prepare=learning.prepare,
        caption=learning.caption,
        drawing="lsbench.report.figures.lines:draw_learning",
    ),
    Kind(
        stem="risk-coverage",
        title="Risk and coverage",
        scope=Scope.setting,
        data=coverage.Coverage,
        prepare=coverage.prepare,
        caption=coverage.caption,
        drawing="lsbench.report.figures.lines:draw_coverage",
    ),
    Kind(
        stem="recall",
        title="Recall by class",
        scope=Scope.setting,
        data=recall.ClassRecall,
        prepare=recall.prepare,
        caption=recall.caption,
        drawing="lsbench.report.figures.recall:draw_recall",
    ),
)
KIND_OF_DATA = {kind.data: kind for kind in KINDS}
