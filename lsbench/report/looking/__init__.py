"""Pages with examples on them: one that asks a person for labels, and a gallery of suspicious labels for reading.

The first shows neither given labels nor predictions, and gives out a CSV of answers; the second shows both, so nothing
can be answered on it.
"""

from lsbench.report.looking.gallery import GalleryPage, Suspect, Twin, gallery_page
from lsbench.report.looking.look_page import Look, LookPage, verify_page

__all__ = ["GalleryPage", "Look", "LookPage", "Suspect", "Twin", "gallery_page", "verify_page"]
