"""What a report's pictures show, as plain numbers: compute first, then draw."""

from lsbench.report.pictures.gather import prepare_all
from lsbench.report.pictures.picture import Picture

__all__ = ["Picture", "prepare_all"]
