"""What losses achieve of the memory's speed: bytes per second over the size of the logits, below the roof of a copy."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import EngFormatter, LogLocator, NullFormatter

from lsbench.report.figures.style import COLOURS, GREY, INK, MARKERS, Style, house_style, new_figure, shortened
from lsbench.speed import FORMS, ShapeCosts, SpeedStudy

ROOF: dict[str, Any] = {"color": GREY, "linestyle": (0, (5, 1.5)), "linewidth": 1.1, "marker": "_"}
OURS, OTHERS = "-", (0, (1, 1.2))


def draw_roofline(study: SpeedStudy) -> Figure:
    """A panel per dtype, a line per form; a form that could not run anywhere has none."""
    panels = {dtype: shapes for dtype, shapes in study.of_dtype().items() if any(_roof(shapes)[0])}
    with house_style():
        figure = new_figure(3.4, "Loss and gradient: useful traffic against that of a copy", 3.2 + 4 * len(panels))
        grid = figure.subplots(1, max(1, len(panels)), squeeze=False, sharey=True)[0]
        for axes, (dtype, shapes) in zip(grid, panels.items(), strict=False):
            _draw_panel(axes, shapes)
            axes.set_title(dtype)
        grid[0].set_ylabel("logits read + gradients written, per second")
        _explain(
            figure, [name for name in study.asked.forms if any(_line(shapes, name)[0] for shapes in panels.values())]
        )
    figure.set_label("speed")
    return figure


def _draw_panel(axes: Axes, shapes: Sequence[ShapeCosts]) -> None:
    axes.set(xscale="log", yscale="log", xlabel="size of the logits")
    drawn = [_roof(shapes), *(_line(shapes, cost.form) for cost in shapes[0].costs)]
    axes.set(xlim=_decades(x for xs, _ in drawn for x in xs), ylim=_decades(y for _, ys in drawn for y in ys))
    for name, style in _styles(cost.form for at in shapes for cost in at.costs).items():
        axes.plot(*_line(shapes, name), zorder=3, **style.line)
    axes.plot(*_roof(shapes), zorder=2, **ROOF)
    for axis, unit in ((axes.xaxis, "B"), (axes.yaxis, "B/s")):
        axis.set_major_locator(LogLocator(numticks=8))
        axis.set_major_formatter(EngFormatter(unit))
        axis.set_minor_formatter(NullFormatter())


def _decades(values: Iterable[float]) -> tuple[float, float]:
    """The powers of ten around them: the ends of an axis that is never without two labels."""
    logs = [math.log10(value) for value in values]
    return 10.0 ** math.floor(min(logs)), 10.0 ** (math.floor(max(logs)) + 1)


def _line(shapes: Sequence[ShapeCosts], form: str) -> tuple[list[float], list[float]]:
    """Sizes, and bytes/s of a form where it could run, by size."""
    points = [
        (float(at.logits_bytes), cost.bandwidth)
        for at in shapes
        for cost in at.costs
        if cost.form == form and cost.bandwidth is not None
    ]
    return [x for x, _ in sorted(points)], [y for _, y in sorted(points)]


def _roof(shapes: Sequence[ShapeCosts]) -> tuple[list[float], list[float]]:
    points = sorted((float(at.logits_bytes), at.copy_bandwidth) for at in shapes if at.copy_bandwidth is not None)
    return [x for x, _ in points], [y for _, y in points]


def _styles(forms: Iterable[str]) -> Mapping[str, Style]:
    """Of each form the same in every picture: cross-entropy dark, ours solid lines."""
    others = [name for name in FORMS if name != "ce"]
    return {
        name: Style(
            INK if name == "ce" else COLOURS[others.index(name) % len(COLOURS)],
            "o" if name == "ce" else MARKERS[others.index(name) % len(MARKERS)],
            OURS if name.startswith("ours") else OTHERS,
            hollow=not name.startswith("ours"),
        )
        for name in dict.fromkeys(forms)
    }


def _explain(figure: Figure, forms: Sequence[str]) -> None:
    lines = [Line2D([], [], label=shortened(name), **style.line) for name, style in _styles(forms).items()]
    roof = Line2D([], [], label="a copy: the roof", **ROOF)
    figure.legend(handles=[roof, *lines], loc="outside right upper", borderaxespad=0.3, labelspacing=0.6)
