"""Lines with bands, and the pictures made of little else: noise sweeps, learning curves, risk and coverage."""

from collections.abc import Iterable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from lsbench.report.figures.style import (
    GREY,
    Style,
    legend,
    legend_height,
    new_figure,
    panels_of,
    percent,
    shortened,
    span,
    styles,
)
from lsbench.report.given import AGAINST
from lsbench.report.pictures.coverage import Coverage
from lsbench.report.pictures.learning import Learning
from lsbench.report.pictures.noise_sweep import NoiseSweep, Perfect
from lsbench.report.pictures.picture import Line
from lsbench.spec import Arm

MOST_MARKERS = 10  # on one line
LABELS = {
    "accuracy": "test accuracy (%)",
    "ece": "ECE (%)",
    "train_accuracy_clean": "right labels predicted (%)",
    "train_accuracy_wrong": "wrong labels memorised (%)",
    "train_accuracy": "given training labels predicted (%)",
    "train_accuracy_unchanged": "unchanged labels predicted (%)",
    "train_accuracy_changed": "changed labels predicted (%)",
}


def label_of(metric: str, *, given: bool = False) -> str:
    """The words for a number; `given`: it is measured against test labels nobody vouches for."""
    return f"{LABELS[metric]}\n{AGAINST}" if given else LABELS[metric]


def plot_lines(axes: Axes, lines: Iterable[Line], scale: float = 1, arms: Iterable[Arm] | None = None) -> None:
    """Means in percent with a band of ± sd; arms are those of the whole figure, which fix the styles."""
    drawn = list(lines)
    style_of = styles(arms or [line.arm for line in drawn])
    for i, line in enumerate(drawn):
        _plot_line(axes, line, scale, style_of[line.arm], i)
    span(axes, high=100.5)
    span(axes, low=-0.5)


def _plot_line(axes: Axes, line: Line, scale: float, style: Style, i: int) -> None:
    x = [value * scale for value in line.x]
    step = max(1, len(x) // MOST_MARKERS)
    axes.plot(x, percent(line.mean), markevery=(i * step // 8 % step, step), zorder=3, **style.line)
    if any(line.sd):
        low = percent(m - (sd or 0) for m, sd in zip(line.mean, line.sd, strict=True))
        high = percent(m + (sd or 0) for m, sd in zip(line.mean, line.sd, strict=True))
        axes.fill_between(x, low, high, color=style.colour, alpha=0.13, linewidth=0)


def arms_of(lines: Iterable[Line]) -> list[Arm]:
    """Every arm once, in order of appearance."""
    return list(dict.fromkeys(line.arm for line in lines))


def draw_noise_sweep(data: NoiseSweep, title: str, narrow: bool = False) -> Figure:
    """Accuracy and ECE beside each other, or below."""
    arms = arms_of(line for panel in data.panels for line in panel.lines)
    figure = new_figure(_height(3.0, 2.3, len(data.panels), len(arms) + 1, narrow), title, narrow=narrow)
    for axes, panel in zip(panels_of(figure, len(data.panels), narrow=narrow), data.panels, strict=True):
        plot_lines(axes, panel.lines, 100, arms)
        rate = f"{shortened(data.noise)} noise {'added' if data.added else 'rate'} (%)"
        axes.set(xlabel=rate, ylabel=label_of(panel.metric, given=data.given))
        axes.set_xticks(few_ticks([100 * x for line in panel.lines for x in line.x]))
        if panel.metric == "ece":
            _plot_perfect(axes, data.perfect)
    legend(
        figure,
        arms,
        [Line2D([], [], color=GREY, linewidth=0.9, label="if separable")] if data.perfect else [],
        narrow=narrow,
    )
    return figure


def _height(wide: float, panel: float, panels: int, arms: int, narrow: bool) -> float:
    """Inches: of a wide figure, or of a narrow one with its panels and its legend below each other."""
    return panel * panels + legend_height(arms) if narrow else wide


def few_ticks(values: Iterable[float], most: int = 7) -> list[float]:
    """The values themselves, from the last one down, but for those too near to be told apart."""
    descending = sorted({round(value, 6) for value in values}, reverse=True)
    kept = descending[:1]
    for value in descending[1:]:
        if kept[-1] - value >= (descending[0] - descending[-1]) / most:
            kept.append(value)
    return kept[::-1]


def _plot_perfect(axes: Axes, lines: Iterable[Perfect]) -> None:
    for line in lines:
        axes.plot(percent(line.x), percent(line.ece), color=GREY, linewidth=0.9, zorder=2)
    axes.autoscale_view()


def draw_learning(data: Learning, title: str, narrow: bool = False) -> Figure:
    """One panel per kind of example."""
    arms = arms_of(line for panel in data.panels for line in panel.lines)
    figure = new_figure(_height(2.8, 2.1, len(data.panels), len(arms), narrow), title, narrow=narrow)
    for axes, panel in zip(panels_of(figure, len(data.panels), narrow=narrow), data.panels, strict=True):
        plot_lines(axes, panel.lines, 1, arms)
        axes.set(xlabel="epoch", title=label_of(panel.metric, given=data.given and panel.metric == "accuracy"))
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    legend(figure, arms, narrow=narrow)
    return figure


def draw_coverage(data: Coverage, title: str, narrow: bool = False) -> Figure:
    """One panel."""
    arms = arms_of(data.lines)
    figure = new_figure(_height(3.2, 2.8, 1, len(arms), narrow), title, width=5.6, narrow=narrow)
    axes = figure.subplots()
    plot_lines(axes, data.lines, 100, arms)
    rate = f"error rate (%)\n{AGAINST}" if data.given else "error rate (%)"
    axes.set(xlabel="coverage: most confident share of the test set (%)", ylabel=rate, xlim=(0, 101))
    span(axes, low=0)
    legend(figure, arms, narrow=narrow)
    return figure
