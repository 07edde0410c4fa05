"""From a picture's numbers to a figure."""

from collections.abc import Callable, Mapping
from typing import Any

from matplotlib.figure import Figure

from lsbench.errors import InputError
from lsbench.report.figures.forest import draw_forest
from lsbench.report.figures.lines import draw_coverage, draw_learning, draw_noise_sweep
from lsbench.report.figures.look import house_style
from lsbench.report.figures.ranks import draw_ranks
from lsbench.report.figures.reliability import draw_reliability
from lsbench.report.figures.smoothing import draw_smoothing_sweep
from lsbench.report.pictures import Picture
from lsbench.report.pictures.coverage import Coverage
from lsbench.report.pictures.forest import Forest
from lsbench.report.pictures.learning import Learning
from lsbench.report.pictures.noise_sweep import NoiseSweep
from lsbench.report.pictures.ranks import Ranks
from lsbench.report.pictures.reliability import Reliability
from lsbench.report.pictures.smoothing_sweep import SmoothingSweep

DRAW: Mapping[type, Callable[[Any, str, bool], Figure]] = {
    Coverage: draw_coverage,
    Forest: draw_forest,
    Learning: draw_learning,
    NoiseSweep: draw_noise_sweep,
    Ranks: draw_ranks,
    Reliability: draw_reliability,
    SmoothingSweep: draw_smoothing_sweep,
}


def draw(picture: Picture, *, narrow: bool = False) -> Figure:
    """The figure of a picture, labelled with its name; a narrow one, for a page, fits a phone and has no title in it.

    `InputError` for data that no picture has.
    """
    if type(picture.data) not in DRAW:
        raise InputError(f"no picture shows {type(picture.data).__name__}")
    with house_style():
        figure = DRAW[type(picture.data)](picture.data, picture.title, narrow)
    figure.set_label(picture.name)
    return figure
