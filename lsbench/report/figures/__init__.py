"""Pictures drawn: `draw` makes a matplotlib figure, `save` a file, `to_svg` text for a page."""

from lsbench.report.figures.draw import draw
from lsbench.report.figures.save import save, to_svg

__all__ = ["draw", "save", "to_svg"]
