"""Where rows come from: their label sets, versions, machines and commands."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lsbench.store import Row

NAMES = (
    "lsbench",
    "torch",
    "python",
    "platform",
    "processor",
    "device",
    "cpu_capability",
    "threads",
    "arithmetic",
    "git",
)
MOST = 20  # values of one name


@dataclass(frozen=True)
class LabelSet:
    """The passport of one noisy label set."""

    dataset: str
    noise: str
    rate: float
    seed: int
    realised: float | None
    sha256: str


def label_sets(rows: Iterable[Row]) -> list[LabelSet]:
    """Every label set that these rows were trained on, once."""
    known = {
        (c.dataset, c.noise, c.noise_rate, c.seed): row.passport for row in rows if row.passport for c in [row.cell]
    }
    return [
        LabelSet(*key, passport.get("realised"), str(passport.get("sha256", "")))
        for key, passport in sorted(known.items())
    ]


def provenance_of(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """What the rows say of where they were made: each value, with the number of its rows."""
    counted = {name: Counter(str(row.provenance[name]) for row in rows if _told(row, name)) for name in NAMES}
    return [
        (name, "; ".join(f"{value} ({n:,} rows)" for value, n in counts.most_common(MOST)))
        for name, counts in counted.items()
        if counts
    ]


def _told(row: Row, name: str) -> bool:
    return isinstance(row.provenance.get(name), str | int | float)


def commands_of(rows: Iterable[Row]) -> list[str]:
    """The commands that trained them, the most frequent first."""
    ran = Counter(command for row in rows if isinstance(command := row.provenance.get("command"), str))
    return [command for command, _ in ran.most_common(MOST)]
