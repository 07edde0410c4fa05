"""What a report's pictures show, as plain numbers.

Averages and intervals come from `analysis`, and drawing is in `report.figures`.
"""

from lsbench.report.pictures.gather import prepare_all, prepare_pictures
from lsbench.report.pictures.picture import Picture

__all__ = ["Picture", "prepare_all", "prepare_pictures"]
