"""Versions of what a name stands for: which is the newest, and which failures an edit has made obsolete."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from lsbench.store import Row

Name = tuple[str, str]  # loss, model, noise or data; what it is called


def tags_of(rows: Iterable[Row]) -> dict[tuple[str, str], str]:
    """(loss, source) -> `@` and the start of the hash, of each loss that the rows have in several versions."""
    versions: dict[str, set[str]] = {}
    for row in rows:
        versions.setdefault(row.cell.loss, set()).add(row.cell.arm.source)
    several = {loss: sources for loss, sources in versions.items() if len(sources) > 1}
    return {(loss, source): f"@{source[:6]}" for loss, sources in several.items() for source in sources}


def superseded(rows: Sequence[Row]) -> list[Row]:
    """Rows that are not ok, of code or data that has another version with a newer row: the user has edited it since.

    What was measured by an older version is kept: it is a result. A version is as new as its newest row, by the time
    at which that was finished; where times are equal or unknown nothing is superseded.
    """
    bad = [row for row in rows if row.status != "ok"]
    if not bad:
        return []
    latest = _latest(rows)
    return [row for row in bad if any(_is_old(version, latest[name]) for name, version in _versions(row))]


def current(rows: Sequence[Row]) -> list[Row]:
    """The rows without those that are superseded."""
    old = {row.id for row in superseded(rows)}
    return [row for row in rows if row.id not in old] if old else list(rows)


def _is_old(version: str, latest: Mapping[str, str]) -> bool:
    return latest[version] < max(latest.values())


def _latest(rows: Iterable[Row]) -> dict[Name, dict[str, str]]:
    """Of each name's versions, when the newest row was finished."""
    latest: dict[Name, dict[str, str]] = {}
    for row in rows:
        finished = str(row.provenance.get("finished", ""))
        for name, version in _versions(row):
            known = latest.setdefault(name, {})
            known[version] = max(finished, known.get(version, ""))
    return latest


def _versions(row: Row) -> Iterator[tuple[Name, str]]:
    """What the row was made of, with the hash of each."""
    cell = row.cell
    names = {"loss": cell.loss, "model": cell.model, "noise": cell.noise}
    yield ("data", cell.dataset), cell.fingerprint
    yield from (((role, names[role]), source) for role, source in cell.sources if role in names)
