"""Suspicious labels as a gallery: the pictures, or rows, of examples for which another label is suggested."""

from collections.abc import Mapping
from typing import TypeAlias

from lsbench.analysis.suspects import TEST, TRAIN
from lsbench.analysis.suspects.named import Suspect
from lsbench.data.alike.disagreeing import Twin
from lsbench.data.items import Item
from lsbench.names.dataset_name import quoted
from lsbench.names.encoding import command_line
from lsbench.names.percent import percent
from lsbench.report.looking import gallery
from lsbench.report.suspects.listing import Listing
from lsbench.report.suspects.sentences import DISAGREE, MARGIN, SEEDS, SUSPICION, paragraphs

MOST = 500  # examples of a part
MOST_UNITS = 100  # sets of near-duplicates
Place: TypeAlias = tuple[str, int]  # train or test, and the number in it, as `lsbench.data.items` has them


def shown_in(listing: Listing) -> list[Suspect]:
    """The most suspicious examples of each part, of those for which another label is suggested."""
    some = [one for lines in listing.by_part.values() for one in _suggesting(lines)[:MOST]]
    return sorted(some, key=lambda one: -one.suspicion)


def places_in(listing: Listing) -> list[Place]:
    """Of every example that the gallery shows, each once."""
    twins = [_of_twin(listing, twin) for unit in _units(listing) for twin in unit]
    return list(dict.fromkeys([*map(_of_suspect, shown_in(listing)), *twins]))


def gallery_of(listing: Listing, items: Mapping[Place, Item], folder: str, made: str = "") -> gallery.GalleryPage:
    """The page; items: of every place that `places_in` names. folder: of the results, for the line to look at some."""
    told = listing.twins.alike
    return gallery.GalleryPage(
        title=f"Suspicious labels of {quoted(listing.suspects.dataset)}",
        paragraphs=(*paragraphs(listing, folder), *_cut(listing)),
        suspects=tuple(_suspect(one, items[_of_suspect(one)]) for one in shown_in(listing)),
        twins=tuple(tuple(_twin(listing, twin, items) for twin in unit) for unit in _units(listing)),
        notes=(SUSPICION, MARGIN, DISAGREE, SEEDS, *([f"near-duplicates: {told.told}."] if told else [])),
        commands=(command_line(["lsbench", "verify", folder, *_part(listing), "--n", "100"]),),
        made=made,
    )


def _part(listing: Listing) -> list[str]:
    return ["--part", TRAIN] if TRAIN in listing.by_part else []


def _suggesting(lines: list[Suspect]) -> list[Suspect]:
    return [one for one in lines if one.suggested != one.given]


def _cut(listing: Listing) -> list[str]:
    """What is not shown, in a sentence for each part."""
    counts = {part: len(_suggesting(lines)) for part, lines in listing.by_part.items()}
    names = {TEST: "test", TRAIN: "training"}
    return [
        f"Shown are {MOST:,} of {count:,} {names[part]} examples for which another label is suggested."
        for part, count in counts.items()
        if count > MOST
    ]


def _units(listing: Listing) -> tuple[tuple[Twin, ...], ...]:
    return listing.twins.units[:MOST_UNITS]


def _of_suspect(one: Suspect) -> Place:
    return (TEST if one.part == TEST else TRAIN), one.number


def _of_twin(listing: Listing, twin: Twin) -> Place:
    before = listing.description.train_examples + listing.description.val_examples
    return (TEST, twin.example - before) if twin.example >= before else (TRAIN, twin.example)


def _suspect(one: Suspect, item: Item) -> gallery.Suspect:
    details = (
        ("suspicion", f"{one.suspicion:.3f}"),
        ("margin", f"{one.margin:+.3f}"),
        ("disagree", percent(one.disagree, 0)),
        ("seeds", f"{one.seeds}"),
    )
    return gallery.Suspect(item, one.part, one.given, one.suggested, one.rank, details)


def _twin(listing: Listing, twin: Twin, items: Mapping[Place, Item]) -> gallery.Twin:
    part, number = _of_twin(listing, twin)
    return gallery.Twin(items[part, number], part, listing.suspects.classes[twin.label])
