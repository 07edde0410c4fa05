"""The style of all pictures: colours, markers, dashes and labels. Settings of pyplot or of the user change nothing."""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.ft2font import FT2Font
from matplotlib.lines import Line2D

from lsbench.names.catalogue import LOSSES
from lsbench.names.encoding import printable, to_bytes
from lsbench.report.text import wrapped
from lsbench.spec import Arm

INK, GREY, FAINT = "#222222", "#767676", "#d9d9d9"
# Okabe and Ito (2008), without the yellow, which white paper swallows, and the black, which is the baseline's.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
MARKERS = ("s", "^", "D", "v", "P", "X", "<", ">", "h", "*", "d")  # coprime to the colours: 66 pairs
DASHES = ("-", (0, (4, 1.5)), (0, (1, 1.2)), (0, (5, 1.2, 1, 1.2)), (0, (8, 2)))
WIDTH = 7.2  # inches
NARROW = 3.9  # inches, of a figure whose letters a phone shows large enough
LONGEST = 26  # characters of a label
LONGEST_TITLE = 240  # characters
LETTERS = 12.5  # of a title to the inch
RC_PARAMS: Any = {
    "font.family": ["DejaVu Sans"],
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.titlelocation": "left",
    "axes.labelsize": 8,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "text.color": INK,
    "text.parse_math": False,  # names are data: a $ in one is a $
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "lines.linewidth": 1.4,
    "lines.markersize": 4.5,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
    "legend.handlelength": 3.2,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "axes.grid": True,
    "grid.color": "#ececec",
    "grid.linewidth": 0.6,
    "svg.fonttype": "none",  # text stays text: small files, and a reader can find it
    "pdf.fonttype": 42,
    "path.simplify_threshold": 0.05,
}


@contextmanager
def house_style() -> Iterator[None]:
    """Draw and save in here: matplotlib's defaults and ours, whatever the machine's own are."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(RC_PARAMS)
        yield


def new_figure(height: float, title: str, width: float = WIDTH, *, narrow: bool = False) -> Figure:
    """An empty figure whose parts make room for each other, under a short title; a narrow one has none."""
    figure = Figure(figsize=(min(width, NARROW) if narrow else width, height), layout="constrained")
    if narrow:
        return figure
    lines = wrapped(shortened(title, LONGEST_TITLE), int(width * LETTERS))
    figure.suptitle("\n".join(lines), x=0.008, ha="left", fontsize=9.5, fontweight="bold")
    return figure


@dataclass(frozen=True)
class Style:
    """How the line of one arm looks."""

    colour: str
    marker: str
    dashes: Any
    hollow: bool

    @property
    def line(self) -> dict[str, Any]:
        """For `Axes.plot`."""
        face = "white" if self.hollow else self.colour
        return {"color": self.colour, "marker": self.marker, "linestyle": self.dashes, "markerfacecolor": face}


def styles(arms: Iterable[Arm]) -> Mapping[Arm, Style]:
    """A colour and a marker per loss, the same in every picture; dashes and filling per arm of that loss."""
    places: dict[str, int] = {}
    style_of = {}
    for arm in dict.fromkeys(arms):
        place = places[arm.loss] = places.get(arm.loss, -1) + 1
        style_of[arm] = Style(colour(arm.loss), _marker(arm.loss), DASHES[place % len(DASHES)], place % 2 == 1)
    return style_of


def colour(loss: str) -> str:
    """The baseline is dark grey, the others have colours."""
    return INK if loss == "ce" else COLOURS[_place(loss) % len(COLOURS)]


def _marker(loss: str) -> str:
    return "o" if loss == "ce" else MARKERS[_place(loss) % len(MARKERS)]


def _place(loss: str) -> int:
    losses = [name for name in LOSSES if name != "ce"]
    return losses.index(loss) if loss in losses else zlib.crc32(to_bytes(loss))


def shortened(text: str, most: int = LONGEST) -> str:
    """Text that fits, in characters that the font has; what a row calls itself may be anything.

    It is cut in its first half: what tells names apart, such as a hyperparameter, is often their end.
    """
    in_font = _characters()
    clean = "".join(c if ord(c) in in_font else "\N{WHITE SQUARE}" for c in printable(text))
    head = most // 3
    return clean if len(clean) <= most else f"{clean[:head]}…{clean[len(clean) - most + head + 1 :]}"


@cache
def _characters() -> frozenset[int]:
    return frozenset(FT2Font(fontManager.findfont("DejaVu Sans")).get_charmap())


def panels_of(figure: Figure, count: int, *, narrow: bool) -> list[Axes]:
    """So many panels beside each other, or of a narrow figure below each other."""
    shape = (count, 1) if narrow else (1, count)
    return list(figure.subplots(*shape, squeeze=False).ravel())


def legend(figure: Figure, arms: Sequence[Arm], extra: Sequence[Line2D] = (), *, narrow: bool = False) -> None:
    """Every arm once, to the right of all panels or below them, where it covers nothing."""
    style_of = styles(arms)
    handles = [*(Line2D([], [], label=shortened(arm.name), **style_of[arm].line) for arm in style_of), *extra]
    place: Any = {"loc": "outside lower center", "ncols": 2} if narrow else {"loc": "outside right center"}
    figure.legend(handles=handles, borderaxespad=0.3, labelspacing=0.6, **place)


def legend_height(count: int) -> float:
    """Inches that the legend of a narrow figure takes."""
    return 0.18 * -(-count // 2) + 0.1


def percent(values: Iterable[float]) -> list[float]:
    """Shares as percentages."""
    return [100 * value for value in values]


def span(axes: Axes, low: float | None = None, high: float | None = None) -> None:
    """Keep the y axis within limits that the numbers can't pass."""
    bottom, top = axes.get_ylim()
    axes.set_ylim(bottom if low is None else max(low, bottom), top if high is None else min(high, top))
