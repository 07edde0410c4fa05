"""Whether a row trained again is the row that was stored."""

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any

from lsbench.rows.store import LATER, Row

TOLERANCE = 0.02  # of an accuracy or another metric; other hardware flips a few ReLUs and hence a few predictions
DECIDES_BITS = ("lsbench", "torch", "processor", "device", "cpu_capability", "threads", "arithmetic")
NOT_COMPARED = ("seconds", "stack", "provenance", "warnings", "schema")  # how it was made; all else is the result


@dataclass(frozen=True)
class Verdict:
    """What comparing two rows of one cell gave."""

    equal: bool  # everything that is stored, bit for bit, but `NOT_COMPARED`
    close: bool  # every metric within the tolerance
    largest: float  # absolute difference of a metric
    reasons: tuple[str, ...]  # what differs in where they were made
    differing: tuple[str, ...] = ()  # the fields of a row that are not equal


def compare_rows(stored: Row, again: Row) -> Verdict:
    """Compare two rows of one cell; a field that the stored one's version did not know is left out."""
    old, new = _as_stored(stored), _as_stored(again)
    compared = [f.name for f in fields(Row) if f.name not in NOT_COMPARED and not _is_younger(f.name, stored, again)]
    known = {name: _known_to(old[name], new[name], stored, again) for name in compared}
    differing = tuple(name for name in compared if old[name] != known[name])
    numbers = dict(_metrics(new))
    largest = max((_gap(value, numbers.get(place)) for place, value in _metrics(old)), default=0.0)
    return Verdict(
        equal=not differing,
        close=not {"cell", "status", "passport"} & {*differing} and largest <= TOLERANCE,
        largest=largest,
        reasons=tuple(_reasons(stored, again)),
        differing=differing,
    )


def _is_younger(name: str, stored: Row, again: Row) -> bool:
    """Whether a row of another version lacks the field."""
    return _version(stored) != _version(again) and name in LATER and not getattr(stored, name)


def _known_to(old: Any, new: Any, stored: Row, again: Row) -> Any:
    """Of what has names, such as metrics, those that the stored one has where another version made it."""
    if not isinstance(new, dict) or not isinstance(old, dict) or _version(stored) == _version(again):
        return new
    return {name: value for name, value in new.items() if name in old}


def _version(row: Row) -> Any:
    return row.provenance.get("lsbench")


def _reasons(stored: Row, again: Row) -> Iterator[str]:
    for name in DECIDES_BITS:
        if name in stored.provenance and stored.provenance[name] != again.provenance.get(name):
            yield f"{name} {stored.provenance[name]} then, {again.provenance.get(name)} now"
    if stored.stack != again.stack:
        yield f"stack of {len(stored.stack)} then, {len(again.stack)} now"


def _as_stored(row: Row) -> dict[str, Any]:
    """The row as its file would give it back: JSON has no tuples."""
    return json.loads(json.dumps(asdict(row)))


def _metrics(row: dict[str, Any]) -> Iterator[tuple[tuple[str, str], float | None]]:
    """Where a metric stands, and its value: of the row, and of each way of scaling."""
    scaled = {way: of.get("metrics", {}) for way, of in row["scaled"].items()}
    for way, metrics in {"": row["metrics"], **scaled}.items():
        yield from (((way, name), value) for name, value in metrics.items())


def _gap(a: float | None, b: float | None) -> float:
    if a is None or b is None:
        return 0.0 if a is b else math.inf
    return abs(a - b)
