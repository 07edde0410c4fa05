"""Accuracy and ECE against eps: a column per noise rate."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lsbench.pictures.names import rate_text
from lsbench.pictures.picture import Panel
from lsbench.pictures.smoothing_sweep import Column, SmoothingSweep
from lsbench.report.figures.lines import LABELS, arms_of, few_ticks, plot_lines
from lsbench.report.figures.look import INK, legend, new_figure, shortened, span
from lsbench.statistics import Spread

BASELINE_LINE = {"color": INK, "linestyle": (0, (4, 2)), "linewidth": 1.1}


def draw_smoothing_sweep(data: SmoothingSweep, title: str) -> Figure:
    """Accuracy above, ECE below."""
    figure = new_figure(4.2, title)
    rows = len(data.columns[0].panels)
    grid = figure.subplots(rows, len(data.columns), squeeze=False, sharex="col")
    for place, column in enumerate(data.columns):
        _draw_column(list(grid[:, place]), column)
        grid[0, place].set_title(_column_title(data.noise, column.noise_rate))
    for row, panel in enumerate(data.columns[0].panels):
        grid[row, 0].set_ylabel(LABELS[panel.metric])
    arms = arms_of(line for column in data.columns for panel in column.panels for line in panel.lines)
    with_baseline = any(baseline for column in data.columns for baseline in column.baseline)
    legend(figure, arms, [Line2D([], [], label="ce", **BASELINE_LINE)] if with_baseline else [])
    return figure


def _column_title(noise: str, rate: float) -> str:
    return f"{rate_text(rate)} {shortened(noise)}" if rate else "no noise"


def _draw_column(panels: list[Axes], column: Column) -> None:
    for axes, panel, baseline in zip(panels, column.panels, column.baseline, strict=True):
        _draw_panel(axes, panel, baseline)
    panels[-1].set_xlabel("eps")
    panels[-1].set_xticks(few_ticks([x for panel in column.panels for line in panel.lines for x in line.x], most=4))


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
