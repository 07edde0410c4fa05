"""Where rows come from: their noisy labels, the versions, machines and commands that made them."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lsbench.rows.row import Row

FIRST = ("lsbench", "torch", "python", "git_commit", "git_dirty", "platform", "processor", "device")  # in this order
LEFT_OUT = {  # not shown, and why; everything else is
    "command": "is shown below `Make it again`",
    "finished": "differs in each row",
    "peak_memory_mb": "differs in each process",
    "matmul_error": "is the self-test's number behind `arithmetic`",
}
WORDS = {
    "git_commit": "git commit",
    "git_dirty": "git: changes not committed",
    "cpu_capability": "CPU capability",
}
MOST_VALUES = 20  # of one name
MOST_NAMES = 40


@dataclass(frozen=True)
class LabelSet:
    """One set of noisy labels that cells were trained on."""

    dataset: str
    noise: str
    rate: float
    seed: int
    realised: float | None  # None where nobody knows it
    sha256: str
    changed: float | None = None  # of noise that was added to given labels, the share that it changed


def label_sets(rows: Iterable[Row]) -> list[LabelSet]:
    """Every set of noisy labels that these rows were trained on, once."""
    records = {
        (c.dataset, c.noise, c.noise_rate, c.label_seed): row.noise_record
        for row in rows
        if row.noise_record
        for c in [row.cell]
    }
    return [
        LabelSet(*key, record.get("realised"), str(record.get("sha256", "")), record.get("changed"))
        for key, record in sorted(records.items())
    ]


def provenance_of(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """The provenance of the rows, without `LEFT_OUT`: (name, its values, each with its number of rows)."""
    names = dict.fromkeys((*FIRST, *(name for row in rows for name in row.provenance if name not in LEFT_OUT)))
    counted = {name: Counter(_text(row.provenance[name]) for row in rows if _told(row, name)) for name in names}
    lines = [(WORDS.get(name, name.replace("_", " ")), _listed(counts)) for name, counts in counted.items() if counts]
    return lines[:MOST_NAMES]


def _told(row: Row, name: str) -> bool:
    return row.provenance.get(name) is not None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _listed(counts: Counter[str]) -> str:
    return "; ".join(f"{value} ({n:,} row{'s' * (n != 1)})" for value, n in counts.most_common(MOST_VALUES))


def commands_of(rows: Iterable[Row]) -> list[str]:
    """The commands that trained them, the most frequent first."""
    ran = Counter(command for row in rows if isinstance(command := row.provenance.get("command"), str))
    return [command for command, _ in ran.most_common(MOST_VALUES)]


def warnings_of(rows: Iterable[Row]) -> tuple[str, ...]:
    """The problems that were noticed before training and make the numbers doubtful, each once."""
    return tuple(dict.fromkeys(text for row in rows for text in row.warnings))
