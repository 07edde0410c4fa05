"""Accuracy and ECE against eps: a column per noise rate."""

from collections.abc import Iterable
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lsbench.report.figures.lines import arms_of, few_ticks, label_of, plot_lines
from lsbench.report.figures.style import INK, legend, legend_height, new_figure, shortened, span
from lsbench.report.pictures.names import rate_text
from lsbench.report.pictures.picture import Panel
from lsbench.report.pictures.smoothing_sweep import Column, SmoothingSweep
from lsbench.statistics import Spread

BASELINE_LINE: dict[str, Any] = {"color": INK, "linestyle": (0, (4, 2)), "linewidth": 1.1}


def draw_smoothing_sweep(data: SmoothingSweep, title: str, narrow: bool = False) -> Figure:
    """Accuracy above, ECE below; of a narrow figure beside each other, and the noise rates below each other."""
    arms = arms_of(line for column in data.columns for panel in column.panels for line in panel.lines)
    height = 1.75 * len(data.columns) + legend_height(len(arms) + 1) if narrow else 4.2
    figure = new_figure(height, title, narrow=narrow)
    for (axes, column), first in zip(_grid(figure, data, narrow), [True, *[False] * len(data.columns)], strict=False):
        _draw_column(axes, column)
        axes[0].set_title(_column_title(data, column.noise_rate))
        for one, panel in zip(axes, column.panels, strict=True):
            one.set_ylabel(label_of(panel.metric, given=data.given) if first or narrow else "")
            one.tick_params(labelbottom=narrow or one is axes[-1])
    with_baseline = any(baseline for column in data.columns for baseline in column.baseline)
    legend(figure, arms, [Line2D([], [], label="ce", **BASELINE_LINE)] if with_baseline else [], narrow=narrow)
    return figure


def _grid(figure: Figure, data: SmoothingSweep, narrow: bool) -> Iterable[tuple[list[Axes], Column]]:
    """Each noise rate's axes, one per panel."""
    rates, panels = len(data.columns), len(data.columns[0].panels)
    if narrow:
        grid = figure.subplots(rates, panels, squeeze=False)
    else:
        grid = figure.subplots(panels, rates, squeeze=False, sharex="col").T
    return zip(map(list, grid), data.columns, strict=True)


def _column_title(data: SmoothingSweep, rate: float) -> str:
    if not rate:
        return "labels as given" if data.added else "no noise"
    return f"{rate_text(rate)} {shortened(data.noise)}{' added' * data.added}"


def _draw_column(panels: list[Axes], column: Column) -> None:
    for axes, panel, baseline in zip(panels, column.panels, column.baseline, strict=True):
        _draw_panel(axes, panel, baseline)
    ticks = few_ticks([x for panel in column.panels for line in panel.lines for x in line.x], most=4)
    for axes in panels:
        axes.set_xticks(ticks)
    panels[-1].set_xlabel("eps")


def _draw_panel(axes: Axes, panel: Panel, baseline: Spread | None) -> None:
    if baseline:
        axes.axhline(100 * baseline.mean, zorder=2, **BASELINE_LINE)
    if baseline and baseline.sd:
        low, high = 100 * (baseline.mean - baseline.sd), 100 * (baseline.mean + baseline.sd)
        axes.axhspan(low, high, color=INK, alpha=0.08, linewidth=0)
    plot_lines(axes, panel.lines)
    if panel.metric == "ece":
        axes.set_ylim(0, 1.05 * axes.get_ylim()[1])
    span(axes, high=100.5)
