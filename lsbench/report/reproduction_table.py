"""Published numbers beside ours: what was to be shown, and whether these seeds show it."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from lsbench.analysis.selection import LAST_K, RULES
from lsbench.names.catalogue import METRICS
from lsbench.protocols import Protocol, Published, Reproduction
from lsbench.report.fields import difference_text, optional
from lsbench.report.selection_table import WARNING
from lsbench.report.tables import NOT_AVAILABLE, Entry, Table
from lsbench.statistics import Spread

HEADER = (
    *("arm", "noise", "number", "published", "ours", "ours − published [90 %]", "margin", "verdict"),
    *("power", "seeds for 80 %"),
)
FOOTNOTES = (
    "mean ± sd of one run (runs); [read] at its source, [recalled] from memory. = : taken as exact, for want of an sd "
    "or of the number of runs, which makes the interval too narrow.",
    "reproduced: two one-sided tests at 5 % show the difference to be within the margin, that is, the 90 % interval "
    "(Welch's) lies within it. not reproduced: all of the interval lies beyond the margin. inconclusive: neither, and "
    "always so of one seed. lost: seeds failed or diverged, and those that are left are not judged.",
    "power: the chance that so many seeds of this sd show equivalence if there is no difference; seeds for 80 %: how "
    "many of ours would, – where none do or nothing is known of the sd.",
)


def reproduction_table(protocol: Protocol, found: Sequence[Reproduction], changes: Sequence[str] = ()) -> Table:
    """One line per published number; `changes` say what makes ours not comparable."""
    dishonest = any(not RULES[one.published.rule].honest for one in found)
    return Table(
        title=f"{protocol.title} ({protocol.source})",
        header=HEADER,
        lines=tuple(_line(one) for one in found),
        notes=(
            *(f"NOT COMPARABLE: {change}" for change in changes),
            *(f"differs: {text}" for text in protocol.deviations),
            *([f"margin {protocol.margin:g}: {protocol.margin_reason}"] if found else ["nothing is published here"]),
            *protocol.notes,
            *([WARNING] * dishonest),
        ),
        footnotes=FOOTNOTES if found else (),
        named_by=(0, 1, 2),
        first=("published", "ours", "verdict"),
    )


def protocols_text(protocols: Sequence[tuple[Protocol, int]]) -> str:
    """One line per protocol, with its number of cells."""
    width = max(len(protocol.name) for protocol, _ in protocols)
    lines = []
    for p, cells in protocols:
        published = f"{len(p.published):>2} numbers {provenance_of(p):<8}"
        lines.append(f"{p.name:<{width}}  {cells:>3} cells, {published}  {p.title} ({p.source})")
    return "\n".join(lines)


def provenance_of(protocol: Protocol) -> str:
    """Where its published numbers come from."""
    return ", ".join(sorted({one.provenance for one in protocol.published})) or NOT_AVAILABLE


def as_json(found: Reproduction) -> dict[str, Any]:
    """Everything that a line shows, and the p-value, as JSON takes it."""
    return {**asdict(found), "quantity": found.published.quantity}


def _line(one: Reproduction) -> tuple[Entry, ...]:
    published = one.published
    difference = one.equivalence and one.equivalence.difference
    texts = (
        _arm(published),
        "–" if published.noise is None else f"{published.noise_kind or ''} {published.noise:g}".strip(),
        _number(published),
        _published(published),
        _ours(one),
        difference_text(difference, 1),
        f"{one.margin:g}",
        one.verdict,
        optional(one.power, ".0%"),
        optional(one.seeds_needed, ",d"),
    )
    return tuple(map(Entry, texts))


def _arm(published: Published) -> str:
    parts = [published.loss, "" if published.eps is None else f"{published.eps:g}"]
    place = ", ".join(part for part in (published.model or "", published.study) if part)
    return " ".join(part for part in parts if part) + (f" ({place})" if place else "")


def _number(published: Published) -> str:
    unit = " %" if METRICS[published.metric].percent else ""
    rule = f"{published.temperature} temperature" if published.temperature else RULES[published.rule].label
    return f"{published.metric}{unit}, {rule.format(k=LAST_K)}"


def _published(published: Published) -> str:
    spread, sd = published.spread, published.sd
    runs = "" if published.runs is None else f" ({published.runs})"
    by = f", {published.by}" if published.by else ""
    exact = "= " if spread.sd is None else ""
    return f"{exact}{_mean(published.value, sd)}{runs} [{published.provenance}{by}]"


def _ours(one: Reproduction) -> str:
    lost = f", {one.lost} lost" if one.lost else ""
    ours: Spread | None = one.ours
    return NOT_AVAILABLE + lost if ours is None else f"{_mean(ours.mean, ours.sd)} ({ours.n}{lost})"


def _mean(mean: float, sd: float | None) -> str:
    return f"{mean:.2f}" if sd is None else f"{mean:.2f} ± {sd:.2f}"
