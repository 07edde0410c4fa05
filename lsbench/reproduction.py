"""Whether a row trained again is the row that was stored."""

import json
import math
from dataclasses import dataclass, replace

from lsbench.store import Row

TOLERANCE = 0.02  # of an accuracy or another metric; other hardware flips a few ReLUs and hence a few predictions
DECIDES_BITS = ("lsbench", "torch", "processor", "device", "cpu_capability", "threads", "arithmetic")


@dataclass(frozen=True)
class Verdict:
    """What comparing two rows of one cell gave."""

    equal: bool  # every stored number, bit for bit, timing aside
    close: bool  # every metric within the tolerance
    largest: float  # absolute difference of a metric
    reasons: tuple[str, ...]  # what differs in where they were made


def compare_rows(stored: Row, again: Row) -> Verdict:
    """Compare two rows of one cell."""
    stored, again = _as_stored(stored), _as_stored(again)
    result = (stored.status, stored.metrics, stored.curves, stored.passport)
    largest = max((_gap(stored.metrics[name], again.metrics.get(name)) for name in stored.metrics), default=0.0)
    reasons = [
        f"{name} {stored.provenance[name]} then, {again.provenance.get(name)} now"
        for name in DECIDES_BITS
        if name in stored.provenance and stored.provenance[name] != again.provenance.get(name)
    ]
    if stored.stack != again.stack:
        reasons.append(f"stack of {len(stored.stack)} then, {len(again.stack)} now")
    return Verdict(
        equal=result == (again.status, again.metrics, again.curves, again.passport),
        close=stored.status == again.status and stored.passport == again.passport and largest <= TOLERANCE,
        largest=largest,
        reasons=tuple(reasons),
    )


def _as_stored(row: Row) -> Row:
    """The row as its file would give it back: JSON has no tuples."""
    return replace(row, passport=json.loads(json.dumps(row.passport)))


def _gap(a: float | None, b: float | None) -> float:
    if a is None or b is None:
        return 0.0 if a is b else math.inf
    return abs(a - b)
