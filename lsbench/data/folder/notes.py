"""What of a folder is not among its images, in sentences: nothing is left out in silence."""

from collections import Counter
from collections.abc import Iterator

from lsbench.data.folder.decode import Decoded, in_words
from lsbench.data.folder.listing import Listing
from lsbench.data.folder.suffixes import in_words as suffixes_in_words


def notes_of(listing: Listing, images: Decoded) -> Iterator[str]:
    """A sentence for each kind of file that was left out, with how many there are."""
    yield from listing.notes
    if listing.others:
        total = sum(count for _, count in listing.others)
        files = f"{total:,} file{'s' * (total > 1)}"
        yield f"left out: {files} that Pillow can't decode, {suffixes_in_words(listing.others)}"
    if listing.astray:
        first = listing.astray[0]
        yield f"left out: {len(listing.astray):,} images in no class's folder, such as {first!r}"
    if images.broken:
        total = len(images.broken) + len(images.names)
        yield (
            f"left out: {len(images.broken):,} of {total:,} images, which can't be read"
            f" ({_by_class(images)}): {in_words(images.broken)}"
        )


def _by_class(images: Decoded) -> str:
    """3 of 'cat', 1 of 'dog': every class that lost some, in their order."""
    counts = Counter(broken.label for broken in images.broken)
    return ", ".join(f"{counts[label]:,} of {images.classes[label]!r}" for label in sorted(counts))
