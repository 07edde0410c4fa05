"""Reliability diagrams side by side, each above the histogram of its confidences."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lsbench.names.bins import DEFAULT_BINS
from lsbench.report.figures.style import FAINT, GREY, colour, new_figure, percent, shortened
from lsbench.report.pictures.reliability import Diagram, PooledBins, Reliability

COLUMNS, NARROW_COLUMNS = 4, 2
TICKS = (0, 50, 100)


def draw_reliability(data: Reliability, title: str, narrow: bool = False) -> Figure:
    """At most four beside each other, or two."""
    columns = min(NARROW_COLUMNS if narrow else COLUMNS, len(data.diagrams))
    rows = -(-len(data.diagrams) // columns)
    figure = new_figure(0.75 + 2.25 * rows, title, width=max(3.6, 1.8 * columns), narrow=narrow)
    grid = figure.subplots(2 * rows, columns, squeeze=False, height_ratios=[3, 1] * rows)
    for i, diagram in enumerate(data.diagrams):
        row, column = divmod(i, columns)
        _draw_diagram(grid[2 * row, column], grid[2 * row + 1, column], diagram, column == 0)
        if column == 0:
            grid[2 * row, column].set_ylabel("as given (%)" if data.given else "right (%)")
    for axes in grid.reshape(rows, 2, columns).swapaxes(1, 2).reshape(-1, 2)[len(data.diagrams) :].ravel():
        axes.remove()
    _explain(figure, any(diagram.after for diagram in data.diagrams))
    return figure


def _draw_diagram(above: Axes, below: Axes, diagram: Diagram, leftmost: bool) -> None:
    hue = colour(diagram.arm.loss)
    above.plot([0, 100], [0, 100], color=GREY, linewidth=0.8, zorder=1)
    for bins, hollow in ((diagram.before, False), (diagram.after, True)):
        if bins:
            _plot_points(above, bins, hue, hollow)
            _plot_shares(below, bins, hue, hollow)
    above.set(xlim=(0, 100), ylim=(0, 102), xticks=TICKS, yticks=TICKS, title=_heading(diagram))
    above.tick_params(labelbottom=False, labelleft=leftmost)
    below.set(xlim=(0, 100), ylim=(0, 100), xticks=TICKS, yticks=(0, 100), xlabel="confidence (%)")
    below.tick_params(labelleft=leftmost)
    if leftmost:
        below.set_ylabel("share (%)")


def _heading(diagram: Diagram) -> str:
    eces = [f"{100 * bins.ece:.1f}" for bins in (diagram.before, diagram.after) if bins and bins.ece is not None]
    numbers = f"\nECE {' → '.join(eces)} %" if eces else ""
    return shortened(diagram.arm.name, 20) + numbers


def _plot_points(axes: Axes, bins: PooledBins, hue: str, hollow: bool) -> None:
    shares, low, high = (np.array(values) * 100 for values in (bins.correct, bins.low, bins.high))
    axes.errorbar(
        percent(bins.confidence), shares, yerr=np.maximum([shares - low, high - shares], 0), color=hue,
        linewidth=0.9, linestyle=":" if hollow else "-", elinewidth=0.7, marker="o", markersize=3.2,
        markerfacecolor="white" if hollow else hue, markeredgewidth=0.8, zorder=3 if hollow else 2,
    )  # fmt: skip


def _plot_shares(axes: Axes, bins: PooledBins, hue: str, hollow: bool) -> None:
    edges = np.linspace(0, 100, DEFAULT_BINS + 1)
    if hollow:
        axes.stairs(percent(bins.shares), edges, color=hue, linewidth=0.9)
    else:
        axes.stairs(percent(bins.shares), edges, fill=True, color=FAINT)


def _explain(figure: Figure, after: bool) -> None:
    filled = Line2D([], [], color=GREY, marker="o", markersize=3.2, linewidth=0.9, label="as trained")
    hollow = Line2D(
        [], [], color=GREY, marker="o", markersize=3.2, markerfacecolor="white", linestyle=":", linewidth=0.9,
        label="after temperature scaling",
    )  # fmt: skip
    figure.legend(handles=[filled, hollow] if after else [filled], loc="outside lower center", ncols=2)
