"""From a picture's numbers to a figure."""

from matplotlib.figure import Figure

from lsbench.errors import InputError
from lsbench.names.registry import load
from lsbench.report.figures.style import house_style
from lsbench.report.pictures import Picture
from lsbench.report.pictures.kinds import KIND_OF_DATA


def draw(picture: Picture, *, narrow: bool = False) -> Figure:
    """The figure of a picture, labelled with its name; a narrow one, for a page, fits a phone and has no title in it.

    `InputError` for data that no picture has.
    """
    kind = KIND_OF_DATA.get(type(picture.data))
    if kind is None:
        raise InputError(f"no picture shows {type(picture.data).__name__}")
    with house_style():
        figure = load(kind.drawing)(picture.data, picture.title, narrow)
    figure.set_label(picture.name)
    return figure
