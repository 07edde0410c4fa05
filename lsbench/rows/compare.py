"""Whether a row trained again is the row that was stored."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lsbench.names.catalogue.engines import TORCH
from lsbench.rows.row import STORED, Compared, Row, as_values

TOLERANCE = 0.02  # of an accuracy or another metric; other hardware flips a few ReLUs and hence a few predictions
DECIDES_BITS = ("lsbench", "torch", "processor", "device", "cpu_capability", "threads", "arithmetic")


@dataclass(frozen=True)
class RowComparison:
    """What comparing two rows of one cell gave."""

    equal: bool  # every value that `lsbench.rows.row` says is compared, bit for bit
    close: bool  # every metric within the tolerance, and equal in what must always be
    largest: float  # absolute difference of a metric
    reasons: tuple[str, ...]  # what differs in where they were made
    differing: tuple[str, ...] = ()  # the names of the compared values that are not equal


def compare_rows(stored: Row, again: Row) -> RowComparison:
    """Compare two rows of one cell; a value that the stored row's version did not have is left out."""
    old, new = _as_stored(stored), _as_stored(again)
    compared = [
        name for name, value in STORED.items() if value.compared != Compared.NOT and not _is_newer(name, stored, again)
    ]
    common = {name: _without_newer_names(old[name], new[name], stored, again) for name in compared}
    differing = tuple(name for name in compared if old[name] != common[name])
    numbers = dict(_metrics(new))
    largest = max((_gap(value, numbers.get(key)) for key, value in _metrics(old)), default=0.0)
    return RowComparison(
        equal=not differing,
        close=all(STORED[name].compared != Compared.ALWAYS for name in differing) and largest <= TOLERANCE,
        largest=largest,
        reasons=tuple(_reasons(stored, again)),
        differing=differing,
    )


def _is_newer(name: str, stored: Row, again: Row) -> bool:
    """Whether a row of another version lacks the value because that version did not store it yet."""
    return not (_version(stored) == _version(again) or STORED[name].since_first or getattr(stored, name))


def _without_newer_names(old: Any, new: Any, stored: Row, again: Row) -> Any:
    """The new value; of an object, such as metrics, only the names of the old one where another version made that."""
    if not isinstance(new, dict) or not isinstance(old, dict) or _version(stored) == _version(again):
        return new
    return {name: value for name, value in new.items() if name in old}


def _version(row: Row) -> Any:
    return row.provenance.get("lsbench")


def _reasons(stored: Row, again: Row) -> Iterator[str]:
    for name in DECIDES_BITS:
        if name in stored.provenance and stored.provenance[name] != again.provenance.get(name):
            yield f"{name} {stored.provenance[name]} then, {again.provenance.get(name)} now"
    if (before := stored.engine.get("name", TORCH)) != (now := again.engine.get("name", TORCH)):
        yield f"engine {before} then, {now} now"
    if stored.engine.get("convolutions", {}) != again.engine.get("convolutions", {}):
        yield "convolutions had other forms then"
    if stored.stack != again.stack:
        yield f"stack of {len(stored.stack)} then, {len(again.stack)} now"


def _as_stored(row: Row) -> dict[str, Any]:
    """The row as its file would give it back: JSON has no tuples."""
    return json.loads(json.dumps(as_values(row)))


def _metrics(row: dict[str, Any]) -> Iterator[tuple[tuple[str, str], float | None]]:
    """Each metric of the row and of each way of scaling: (way, name) and the value. The row's own way is ""."""
    scaled = {way: after.get("metrics", {}) for way, after in row["scaled"].items()}
    for way, metrics in {"": row["metrics"], **scaled}.items():
        yield from (((way, name), value) for name, value in metrics.items())


def _gap(a: float | None, b: float | None) -> float:
    if a is None or b is None:
        return 0.0 if a is b else math.inf
    return abs(a - b)
