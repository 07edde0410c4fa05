"""Suspicious labels as tables: the most suspicious, near-duplicates, planted flips."""

from collections.abc import Sequence

from lsbench.analysis.suspects import TEST, PlantedRecall
from lsbench.analysis.suspects.named import Suspect
from lsbench.data.alike.disagreeing import Twin
from lsbench.names.few import few
from lsbench.names.percent import percent
from lsbench.report.columns import Column, table_of
from lsbench.report.decision import training_table
from lsbench.report.suspects.listing import Listing
from lsbench.report.suspects.sentences import DISAGREE, MARGIN, PLANTED, SEEDS, SUSPICION
from lsbench.report.tables import Table

SHOWN = 25  # examples of a part
SHOWN_UNITS = 10


def tables(listing: Listing, top: int = SHOWN) -> list[Table]:
    """The most suspicious of each part, near-duplicates with different labels, and the recall of planted flips."""
    made = [_table(part, lines, top) for part, lines in listing.by_part.items() if lines]
    twins = [_twins_table(listing)] if listing.twins.units else []
    planted = [_planted_table(listing.suspects.planted)] if listing.suspects.planted else []
    looked = [training_table(listing.looked)] if listing.looked else []
    return [*made, *looked, *twins, *planted]


COLUMNS = (
    Column[Suspect]("example", lambda one: one.path or f"{one.example}", names_line=True),
    Column[Suspect]("given", lambda one: one.given, on_top=True),
    Column[Suspect]("suggested", lambda one: one.suggested, on_top=True),
    Column[Suspect]("suspicion", lambda one: f"{one.suspicion:.3f}", SUSPICION, on_top=True),
    Column[Suspect]("margin", lambda one: f"{one.margin:+.3f}", MARGIN),
    Column[Suspect]("disagree", lambda one: percent(one.disagree, 0), DISAGREE),
    Column[Suspect]("seeds", lambda one: f"{one.seeds}", SEEDS),
)


def _table(part: str, lines: Sequence[Suspect], top: int) -> Table:
    what = "test" if part == TEST else "training"
    shown = lines[:top]
    return table_of(f"the {len(shown):,} most suspicious of {len(lines):,} {what} labels", COLUMNS, shown)


def _twins_table(listing: Listing) -> Table:
    units, alike = listing.twins.units, listing.twins.alike
    columns = (
        Column[tuple[Twin, ...]]("examples", lambda unit: _named(listing, unit), names_line=True),
        Column[tuple[Twin, ...]]("given labels", lambda unit: _labels(listing, unit)),
    )
    title = f"near-duplicates with different labels: {len(units):,} {'set' if len(units) == 1 else 'sets'}"
    footnote = f"near-duplicates: {alike.told}." if alike else ""
    return table_of(title, columns, units[:SHOWN_UNITS], footnotes=[footnote])


def _named(listing: Listing, unit: Sequence[Twin]) -> str:
    return few((listing.path(twin.example) for twin in unit), 4)


def _labels(listing: Listing, unit: Sequence[Twin]) -> str:
    names = listing.suspects.classes
    return ", ".join(names[label] for label in dict.fromkeys(twin.label for twin in unit))


def _planted_table(planted: Sequence[PlantedRecall]) -> Table:
    lengths = sorted({m for one in planted for m, _ in one.at})

    def recall(m: int) -> Column[PlantedRecall]:
        return Column(f"first {m:,}", lambda one: percent(dict(one.at)[m]) if m in dict(one.at) else "–")

    columns = (
        Column[PlantedRecall]("noise", lambda one: f"{one.noise} {one.rate:g}", names_line=True),
        Column[PlantedRecall]("flips", lambda one: f"{one.planted:,.0f} of {one.examples:,}"),
        *map(recall, lengths),
    )
    return table_of("recall of random flips that the run planted", columns, planted, footnotes=[PLANTED])
