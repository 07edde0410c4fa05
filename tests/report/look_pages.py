"""Pages of looks that tests share."""

from io import BytesIO

from PIL import Image

from lsbench.data.items import Item
from lsbench.report.looking import Look, LookPage

ANIMALS = ("bird", "cat", "dog")


def picture(shade):
    file = BytesIO()
    Image.new("L", (8, 8), shade).save(file, "PNG")
    return file.getvalue()


def look_page(names=ANIMALS, n=5, page="first", **more):
    """The number of an item is not its position, and its path says the label that was given."""
    items = [Item(1000 - i, f"cat/{i},\n.png", f"{i:064x}", picture(i), "image/png", None) for i in range(n)]
    looks = tuple(Look(item, i, f"{i / 7:.6g}") for i, item in enumerate(items))
    return LookPage("title", "d" * 12, page, names, looks, **more)
