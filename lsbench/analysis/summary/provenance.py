"""Where rows come from: their label sets, versions, machines and commands."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lsbench.rows.row import Row

FIRST = ("lsbench", "torch", "python", "git_commit", "git_dirty", "platform", "processor", "device")  # of what is shown
LEFT_OUT = {  # of what rows say of their origin; everything else is shown
    "command": "stands below `Make it again`",
    "finished": "of each row another",
    "peak_memory_mb": "of each process another",
    "matmul_error": "the self-test's number behind `arithmetic`",
}
WORDS = {
    "git_commit": "git commit",
    "git_dirty": "git: changes not committed",
    "cpu_capability": "CPU capability",
}
MOST = 20  # values of one name
MOST_NAMES = 40


@dataclass(frozen=True)
class LabelSet:
    """The label-noise record of one label set, as a line of a table."""

    dataset: str
    noise: str
    rate: float
    seed: int
    realised: float | None
    sha256: str


def label_sets(rows: Iterable[Row]) -> list[LabelSet]:
    """Every label set that these rows were trained on, once."""
    known = {
        (c.dataset, c.noise, c.noise_rate, c.seed): row.noise_record
        for row in rows
        if row.noise_record
        for c in [row.cell]
    }
    return [
        LabelSet(*key, noise_record.get("realised"), str(noise_record.get("sha256", "")))
        for key, noise_record in sorted(known.items())
    ]


def provenance_of(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """What the rows say of where they were made, but for `LEFT_OUT`: each value, with the number of its rows."""
    said = dict.fromkeys((*FIRST, *(name for row in rows for name in row.provenance if name not in LEFT_OUT)))
    counted = {name: Counter(_text(row.provenance[name]) for row in rows if _told(row, name)) for name in said}
    found = [(WORDS.get(name, name.replace("_", " ")), _listed(counts)) for name, counts in counted.items() if counts]
    return found[:MOST_NAMES]


def _told(row: Row, name: str) -> bool:
    return row.provenance.get(name) is not None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _listed(counts: Counter[str]) -> str:
    return "; ".join(f"{value} ({n:,} row{'s' * (n != 1)})" for value, n in counts.most_common(MOST))


def commands_of(rows: Iterable[Row]) -> list[str]:
    """The commands that trained them, the most frequent first."""
    ran = Counter(command for row in rows if isinstance(command := row.provenance.get("command"), str))
    return [command for command, _ in ran.most_common(MOST)]


def warnings_of(rows: Iterable[Row]) -> tuple[str, ...]:
    """What was found before training that makes their numbers doubtful, each once."""
    return tuple(dict.fromkeys(text for row in rows for text in row.warnings))
