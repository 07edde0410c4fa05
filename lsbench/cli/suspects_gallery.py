"""The galleries that `lsbench suspects --out` writes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from lsbench.data.items import Item, items
from lsbench.report.looking import gallery_page
from lsbench.report.suspects import Listing
from lsbench.report.suspects.gallery import Place, gallery_of, places_in
from lsbench.rows.store import write_atomically
from lsbench.version import __version__

SIDE = 128  # pixels of a picture


def write_galleries(listings: Sequence[Listing], out: Path, results: Path, data_dir: Path | None) -> list[str]:
    """Write a gallery for each data set, and give their names; `InputError` where an image can't be read."""
    now = datetime.now(UTC).strftime("%Y-%m-%d")
    names = ["suspects.html"] if len(listings) == 1 else [f"suspects-{i}.html" for i in range(1, len(listings) + 1)]
    for name, listing in zip(names, listings, strict=True):
        page = gallery_of(listing, _items(listing, data_dir), str(results), f"lsbench {__version__}, {now}")
        write_atomically(out / name, gallery_page(page).encode())
    return names


def _items(listing: Listing, data_dir: Path | None) -> dict[Place, Item]:
    made: dict[Place, Item] = {}
    places = places_in(listing)
    for part in dict.fromkeys(part for part, _ in places):
        numbers = [number for own, number in places if own == part]
        for item in items(listing.suspects.dataset, part, numbers, data_dir, side=SIDE):
            made[part, item.number] = item
    return made
