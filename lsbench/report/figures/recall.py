"""Recall by class: a line per arm over the classes, the most frequent one first."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lsbench.report.figures.lines import arms_of, plot_lines
from lsbench.report.figures.style import legend, legend_height, new_figure, shortened, span
from lsbench.report.given import AGAINST
from lsbench.report.pictures.recall import ClassRecall

MOST_NAMES = 20  # below the axis
LONGEST_NAME = 14  # characters


def draw_recall(data: ClassRecall, title: str, narrow: bool = False) -> Figure:
    """One panel."""
    arms = arms_of(data.lines)
    height = 3.0 + legend_height(len(arms)) if narrow else 3.2
    figure = new_figure(height, title, narrow=narrow)
    axes = figure.subplots()
    plot_lines(axes, data.lines, 1, arms)
    axes.set_ylabel(f"recall (%)\n{AGAINST}" if data.given else "recall (%)")
    span(axes, low=-0.5)
    _name_classes(axes, data, turned=narrow or len(data.classes) > MOST_NAMES // 2)
    legend(figure, arms, narrow=narrow)
    return figure


def _name_classes(axes: Axes, data: ClassRecall, *, turned: bool) -> None:
    """Each class with its training examples; of many every so many."""
    step = -(-len(data.classes) // MOST_NAMES)
    places = range(0, len(data.classes), step)
    between = " " if turned else "\n"
    texts = [f"{shortened(data.classes[i], LONGEST_NAME)}{between}({data.examples[i]:,})" for i in places]
    axes.set_xticks(list(places), texts, rotation=90 if turned else 0, fontsize=6.5)
    axes.set_xlabel("class (training examples)")
