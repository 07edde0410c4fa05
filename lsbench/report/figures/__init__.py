"""Pictures drawn: `draw` makes a matplotlib figure, `save` a file, `to_svg` text for a page.

What they show is prepared, as plain numbers, in `report.pictures`.
"""

from lsbench.report.figures.draw import draw
from lsbench.report.figures.save import save, to_svg

__all__ = ["draw", "save", "to_svg"]
