"""Examples as a person sees them: the picture or the row of each, what it is called, and a digest of it.

Given labels are not part of an item. Nothing here knows why an example is looked at; no torch, unless the user's own
function needs it.
"""

from lsbench.data.items.item import Item
from lsbench.data.items.of_part import digests, items, paths

__all__ = ["Item", "digests", "items", "paths"]
