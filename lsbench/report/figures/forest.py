"""Forest plot: one line per arm, one column per metric, a rule at 0."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lsbench.report.figures.style import GREY, INK, colour, new_figure, panels_of, shortened
from lsbench.report.given import AGAINST
from lsbench.report.pictures.forest import DECIDED, Forest
from lsbench.statistics import Difference

LABELS = {"accuracy": "Δ accuracy (points)", "ece": "Δ ECE (points)"}
BETTER = {"accuracy": "better →", "ece": "← better"}
ALIKE = "#a0a0a0"  # what decides nothing


def draw_forest(data: Forest, title: str, narrow: bool = False) -> Figure:
    """The first arm on top."""
    height = 0.95 + 0.2 * len(data.lines)
    figure = new_figure(height * (len(data.metrics) if narrow else 1), title, width=6.4, narrow=narrow)
    panels = panels_of(figure, len(data.metrics), narrow=narrow)
    for place, (axes, metric) in enumerate(zip(panels, data.metrics, strict=True)):
        for y, line in enumerate(data.lines):
            _plot_difference(axes, line.differences[place], y, colour(line.arm.loss) if line.shown(place) else ALIKE)
        _dress(axes, metric, marked=not data.given or metric == DECIDED)
        axes.set_yticks(range(len(data.lines)), [shortened(line.arm.name) for line in data.lines])
        axes.set_ylim(len(data.lines) - 0.4, -0.6)
        axes.tick_params(labelleft=narrow or place == 0)
    return figure


def _dress(axes: Axes, metric: str, *, marked: bool) -> None:
    axes.axvline(0, color=INK, linewidth=0.8, zorder=1)
    axes.set_xlabel(LABELS[metric])
    side = "right" if metric == "accuracy" else "left"
    axes.set_title(BETTER[metric] if marked else AGAINST, fontsize=7, color=GREY, loc=side)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _plot_difference(axes: Axes, difference: Difference | None, y: int, hue: str) -> None:
    """Filled where the hue says that a difference is shown."""
    if difference is None:
        return
    if difference.low is not None and difference.high is not None:
        axes.plot([100 * difference.low, 100 * difference.high], [y, y], color=hue, linewidth=1.6, zorder=2)
    face = "white" if hue == ALIKE else hue
    axes.plot([100 * difference.mean], [y], marker="o", color=hue, markerfacecolor=face, markersize=5, zorder=3)
