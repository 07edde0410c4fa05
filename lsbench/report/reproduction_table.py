"""Published numbers beside ours: what was to be shown, and whether these seeds show it."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from lsbench.analysis.selection import LAST_K, RULES
from lsbench.names.catalogue import METRICS
from lsbench.protocols import Protocol, Published, Reproduction
from lsbench.report.columns import Column, headings, meanings, paragraph, table_of
from lsbench.report.fields import difference_text, optional
from lsbench.report.selection_table import WARNING
from lsbench.report.tables import NOT_AVAILABLE, Table
from lsbench.statistics import Spread

SPREAD = (
    "mean ± sd of one run (runs); [read] at its source, [recalled] from memory. ? : the sd or the number of runs is "
    "not known. Then the sd is taken to be twice ours and the number of runs the smallest possible (1; 2 with an sd)."
)
VERDICT = (
    "reproduced: two one-sided tests at 5 % show the difference to be within the margin, that is, the 90 % interval "
    "(Welch's) lies within it. not reproduced: all of the interval lies beyond the margin. inconclusive: neither, "
    "which is also said where a published sd is not known and the answer would differ between half and twice ours; "
    "always so of one seed. lost: seeds failed or diverged, and those that are left are not judged."
)
POWER = "power: the chance that so many seeds of this sd show equivalence if there is no difference;"
SEEDS = "seeds for 80 %: how many of ours would, – where none do or nothing is known of the sd."


def reproduction_table(protocol: Protocol, compared: Sequence[Reproduction], changes: Sequence[str] = ()) -> Table:
    """One line per published number; `changes` say what makes ours not comparable."""
    dishonest = any(not RULES[one.published.rule].honest for one in compared)
    return table_of(
        f"{protocol.title} ({protocol.source})",
        COLUMNS,
        compared,
        notes=(
            *(f"NOT COMPARABLE: {change}" for change in changes),
            *(f"differs: {text}" for text in protocol.deviations),
            *([f"margin {protocol.margin:g}: {protocol.margin_reason}"] if compared else ["nothing is published here"]),
            *protocol.notes,
            *([WARNING] * dishonest),
        ),
        footnotes=(*meanings(COLUMNS[:-2]), paragraph(COLUMNS[-2:])) if compared else (),
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


def as_json(one: Reproduction) -> dict[str, Any]:
    """Everything that a line shows, and the p-value, as JSON takes it."""
    return {**asdict(one), "quantity": one.published.quantity}


def _arm(published: Published) -> str:
    parts = [published.loss, "" if published.eps is None else f"{published.eps:g}"]
    place = ", ".join(part for part in (published.model or "", published.study) if part)
    return " ".join(part for part in parts if part) + (f" ({place})" if place else "")


def _number(published: Published) -> str:
    unit = " %" if METRICS[published.metric].percent else ""
    rule = f"{published.temperature} temperature" if published.temperature else RULES[published.rule].label
    return f"{published.metric}{unit}, {rule.format(k=LAST_K)}"


def _published(published: Published) -> str:
    sd = published.sd
    runs = "" if published.runs is None else f" ({published.runs})"
    by = f", {published.by}" if published.by else ""
    unknown = "? " if published.sd is None or published.runs is None else ""
    return f"{unknown}{_mean(published.value, sd)}{runs} [{published.provenance}{by}]"


def _ours(one: Reproduction) -> str:
    lost = f", {one.lost} lost" if one.lost else ""
    ours: Spread | None = one.ours
    return NOT_AVAILABLE + lost if ours is None else f"{_mean(ours.mean, ours.sd)} ({ours.n}{lost})"


def _mean(mean: float, sd: float | None) -> str:
    return f"{mean:.2f}" if sd is None else f"{mean:.2f} ± {sd:.2f}"


def _noise(published: Published) -> str:
    if published.noise is None:
        return NOT_AVAILABLE
    return f"{published.noise_kind or ''} {published.noise:g}".strip()


def _difference(one: Reproduction) -> str:
    return difference_text(one.equivalence and one.equivalence.difference, 1)


COLUMNS = (
    Column[Reproduction]("arm", lambda one: _arm(one.published), names_line=True),
    Column[Reproduction]("noise", lambda one: _noise(one.published), names_line=True),
    Column[Reproduction]("number", lambda one: _number(one.published), names_line=True),
    Column[Reproduction]("published", lambda one: _published(one.published), SPREAD, on_top=True),
    Column[Reproduction]("ours", _ours, on_top=True),
    Column[Reproduction]("ours − published [90 %]", _difference),
    Column[Reproduction]("margin", lambda one: f"{one.margin:g}"),
    Column[Reproduction]("verdict", lambda one: one.verdict, VERDICT, on_top=True),
    Column[Reproduction]("power %", lambda one: optional(one.power and 100 * one.power, ".0f"), POWER),
    Column[Reproduction]("seeds for 80 %", lambda one: optional(one.seeds_needed, ",d"), SEEDS),
)
HEADER = headings(COLUMNS)
