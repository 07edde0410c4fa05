"""Critical-difference diagrams (Demšar, 2006)."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lsbench.report.figures.style import GREY, INK, LONGEST, colour, new_figure, shortened
from lsbench.report.pictures.ranks import Ranking, Ranks

NAMES = {"accuracy": "accuracy", "ece": "ECE"}
STEP = 0.17  # inches from one label to the next
TOP = 0.62  # inches for the axis and the heading
WIDTH = 6.4  # inches
LETTERS, NARROW_LETTERS = LONGEST, 18  # of a name
LETTER, RANK = 0.062, 0.58  # inches that a letter and a rank take


def draw_ranks(data: Ranks, title: str, narrow: bool = False) -> Figure:
    """One diagram per metric, one above the other."""
    heights = [_height(ranking) for ranking in data.rankings]
    figure = new_figure(0.45 + sum(heights), title, width=WIDTH, narrow=narrow)
    letters = min(
        NARROW_LETTERS if narrow else LETTERS, max(len(arm.name) for one in data.rankings for arm in one.arms)
    )
    panels = figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
    for axes, ranking, height in zip(panels, data.rankings, heights, strict=True):
        _draw_ranking(axes, ranking, height, letters, figure.get_figwidth())
        for text in axes.texts:
            text.set_in_layout(False)  # there is room for them beside the axis
    return figure


def _beside(figure_width: float, letters: int) -> float:
    """The room for names on each side of the axis, in lengths of the axis."""
    room = RANK + LETTER * letters
    return room / max(figure_width - 2 * room, 0.2 * figure_width)


def _height(ranking: Ranking) -> float:
    return TOP + 0.08 * len(ranking.alike) + STEP * (1 + -(-len(ranking.arms) // 2))


def _draw_ranking(axes: Axes, ranking: Ranking, height: float, letters: int, width: float) -> None:
    """Y runs down from the axis of ranks at 0, in inches."""
    k = len(ranking.arms)
    margin = _beside(width, letters) * (k - 1)
    axes.set(xlim=(1 - margin, k + margin), ylim=(height - TOP, -TOP), xticks=[], yticks=[])
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    _draw_axis(axes, ranking, margin)
    for i, (first, last) in enumerate(ranking.alike):
        y = 0.07 + 0.08 * i
        axes.plot([ranking.ranks[first], ranking.ranks[last]], [y, y], color=INK, linewidth=3, solid_capstyle="round")
    start = 0.07 + 0.08 * len(ranking.alike) + STEP / 2
    half = -(-k // 2)
    for i in range(k):
        left = i < half
        _draw_arm(axes, ranking, i, start + STEP * (i if left else k - 1 - i), letters)


def _draw_axis(axes: Axes, ranking: Ranking, margin: float) -> None:
    k = len(ranking.arms)
    axes.plot([1, k], [0, 0], color=GREY, linewidth=0.8)
    for rank in range(1, k + 1):
        axes.plot([rank, rank], [-0.04, 0], color=GREY, linewidth=0.8)
        axes.text(rank, -0.07, str(rank), ha="center", va="bottom", fontsize=7)
    axes.plot([1, 1 + ranking.critical], [-0.3, -0.3], color=INK, linewidth=1.2, marker="|", markersize=5)
    axes.text(1 + ranking.critical + 0.03 * k, -0.3, f"CD {ranking.critical:.2f}", va="center", fontsize=7)
    heading = f"{NAMES[ranking.metric]}: {ranking.blocks} settings, Friedman p {_p_text(ranking.friedman_p)}"
    axes.text(1 - margin, -TOP + 0.05, heading, va="top", fontsize=8)


def _p_text(p: float) -> str:
    return f"= {p:.2g}" if p >= 0.001 else "< 0.001"


def _draw_arm(axes: Axes, ranking: Ranking, i: int, y: float, letters: int) -> None:
    k, rank, arm = len(ranking.arms), ranking.ranks[i], ranking.arms[i]
    left = i < -(-k // 2)
    end = 1 - 0.04 * k if left else k + 0.04 * k
    axes.plot([rank, rank, end], [0, y, y], color=colour(arm.loss), linewidth=0.9)
    label = shortened(arm.name, letters)
    text = f"{label}  {rank:.2f}" if left else f"{rank:.2f}  {label}"
    axes.text(end + (-0.02 if left else 0.02) * k, y, text, ha="right" if left else "left", va="center", fontsize=7.5)
