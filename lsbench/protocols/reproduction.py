"""Our rows compared with the published number of the same arm."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from lsbench.analysis.summary import value_of
from lsbench.protocols.protocol import Published
from lsbench.rows.row import Row
from lsbench.statistics import Spread, spread
from lsbench.statistics.published import Equivalence, equivalence_power, equivalence_seeds, published_equivalence

VERDICTS = {"equivalent": "reproduced", "different": "not reproduced", "undecided": "inconclusive"}


@dataclass(frozen=True)
class Reproduction:
    """One published number, and ours."""

    published: Published
    margin: float
    ours: Spread | None  # in the published unit, over the ok rows; None where no row has the number
    lost: int  # rows that failed or diverged
    equivalence: Equivalence | None
    verdict: str  # reproduced, not reproduced, inconclusive; lost k of m; or what makes the two not comparable
    power: float | None  # to show equivalence with these seeds if the true difference is 0
    seeds_needed: int | None  # for a power of 80 %; None where unknown or out of reach


def compare_published(
    published: Published, rows: Collection[Row], margin: float, incomparable: str = "", *, survivors: bool = False
) -> Reproduction:
    """Compare one published number with the rows of its arm; `incomparable`, if given, replaces the verdict.

    Where rows failed or diverged, the others get a verdict only with `survivors`.
    """
    ours = spread(_numbers(published, rows))
    lost = sum(row.status != "ok" for row in rows)
    whole = survivors or not lost
    equivalence = published_equivalence(ours, published.spread, margin) if ours and whole else None
    verdict = VERDICTS[equivalence.status] if equivalence else "inconclusive"
    return Reproduction(
        published=published,
        margin=margin,
        ours=ours,
        lost=lost,
        equivalence=equivalence,
        verdict=incomparable or (verdict if whole else f"lost {lost} of {len(rows)}"),
        power=_power(ours, published, margin) if whole else None,
        seeds_needed=_seeds_needed(ours, published, margin),
    )


def _numbers(published: Published, rows: Collection[Row]) -> Sequence[float]:
    ok = sorted((row for row in rows if row.status == "ok"), key=lambda row: row.cell.seed)
    values = (value_of(row, published.quantity) for row in ok)
    return [value * published.scale for value in values if value is not None]


def _power(ours: Spread | None, published: Published, margin: float) -> float | None:
    return equivalence_power(margin, ours.sd, ours.n, published.spread) if ours and ours.sd else None


def _seeds_needed(ours: Spread | None, published: Published, margin: float) -> int | None:
    """By our spread; by the published one where we have none."""
    sd = (ours and ours.sd) or published.sd
    return equivalence_seeds(margin, sd, published.spread) if sd else None
