"""A gallery of suspicious labels, grouped by what is given and what predictions suggest; for reading."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lsbench.data.items import Item
from lsbench.report.html import document, policy, template
from lsbench.report.looking.embed import picture_source

MOST_FIELDS = 12  # columns of a row that are shown
LONGEST = 200  # characters of a cell
SCRIPTS = ("copy.js", "page.js")


@dataclass(frozen=True)
class Suspect:
    """An example whose given label is suspicious."""

    item: Item
    part: str
    given: str  # names of classes
    suggested: str
    rank: int  # in its part, 1 for the most suspicious
    details: tuple[tuple[str, str], ...] = ()  # (name, value), shown below the picture


@dataclass(frozen=True)
class Twin:
    """One of several examples that are near-duplicates of each other."""

    item: Item
    part: str
    given: str


@dataclass(frozen=True)
class GalleryPage:
    """Suspicious labels, and near-duplicates with different labels."""

    title: str
    paragraphs: tuple[str, ...]
    suspects: tuple[Suspect, ...]  # the most suspicious first, whatever its part
    twins: tuple[tuple[Twin, ...], ...] = ()
    notes: tuple[str, ...] = ()  # what the names of the details mean
    commands: tuple[str, ...] = ()
    made: str = ""  # by which version, when


@dataclass(frozen=True)
class Group:
    """The suspects of one pair of classes, the most suspicious first."""

    given: str
    suggested: str
    suspects: tuple[Suspect, ...]


def gallery_page(page: GalleryPage) -> str:
    """The page as one HTML document, the same text for the same page.

    It shows given labels and what predictions suggest, so what a person thinks after reading it is no answer that
    `verify_page` could have got.
    """
    style = template("base.css") + template("page.css") + template("gallery.css")
    scripts = [template(name) for name in SCRIPTS]
    return document(
        "gallery.html",
        style,
        scripts,
        policy([style], scripts, pictures=True),
        page=page,
        groups=grouped(page.suspects),
        source=picture_source,
        columns_of=_columns_of,
        cells_of=_cells_of,
    )


def grouped(suspects: Iterable[Suspect]) -> list[Group]:
    """Per pair of classes, the largest group first; of equal ones that of the most suspicious example."""
    by_pair: dict[tuple[str, str], list[Suspect]] = {}
    for suspect in suspects:
        by_pair.setdefault((suspect.given, suspect.suggested), []).append(suspect)
    groups = [Group(*pair, tuple(some)) for pair, some in by_pair.items()]
    return sorted(groups, key=lambda group: -len(group.suspects))


def _columns_of(entries: Sequence[Suspect | Twin]) -> list[str]:
    """The header of a table of rows: what is known of each, then the row's own columns."""
    fields = entries[0].item.fields or ()
    more = [f"and {len(fields) - MOST_FIELDS:,} more columns"] if len(fields) > MOST_FIELDS else []
    return [*_known_of(entries[0]), *(name for name, _ in fields[:MOST_FIELDS]), *more]


def _cells_of(entry: Suspect | Twin, columns: Sequence[str]) -> list[str]:
    fields = (_shortened(text) for _, text in (entry.item.fields or ())[:MOST_FIELDS])
    texts = [*_known_of(entry).values(), *fields]
    return [*texts, *[""] * (len(columns) - len(texts))]


def _shortened(text: str) -> str:
    """On one line, of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


def _known_of(entry: Suspect | Twin) -> dict[str, str]:
    """What stands before the row's own columns."""
    place = {"row": entry.item.path or str(entry.item.number), "part": entry.part}
    if isinstance(entry, Twin):
        return {"given": entry.given, **place}
    return {"rank": str(entry.rank), **place, **dict(entry.details)}
