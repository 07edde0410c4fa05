"""Versions of the user's code and data: which is the newest, and which failures are of an older one."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from lsbench.analysis.summary.setting import Setting
from lsbench.rows.row import Row
from lsbench.spec import TEST_NOISE, Arm

Name = tuple[str, str]  # loss, model, noise or data; what it is called


def tags_of(rows: Iterable[Row]) -> dict[tuple[str, str], str]:
    """(loss, source) -> `@` and the start of the hash, of each loss that the rows have in several versions."""
    versions: dict[str, set[str]] = {}
    for row in rows:
        versions.setdefault(row.cell.loss, set()).add(row.cell.arm.source)
    several = {loss: sources for loss, sources in versions.items() if len(sources) > 1}
    return {(loss, source): f"@{source[:6]}" for loss, sources in several.items() for source in sources}


def superseded(rows: Sequence[Row]) -> list[Row]:
    """Rows that are not ok, of code or data that was edited since: another version of it has a newer row.

    An arm that an older version has results of keeps its lost seeds, too: without them it would be judged by the seeds
    at which it did well. A version is as new as its newest row, by the time at which that was finished; where times are
    equal or unknown nothing is superseded.
    """
    bad = [row for row in rows if row.status != "ok"]
    if not bad:
        return []
    latest, measured = _latest(rows), _measured(rows, {row.cell.arm for row in bad})
    return [row for row in bad if _place(row) not in measured and any(_edited(row, latest))]


def edited(old: Iterable[Row], rows: Iterable[Row]) -> list[str]:
    """The names of the code and data of superseded rows of which `rows` have a newer version."""
    latest = _latest(rows)
    return sorted({name for row in old for _, name in _edited(row, latest)})


def current(rows: Sequence[Row]) -> list[Row]:
    """The rows without those that are superseded."""
    old = {row.id for row in superseded(rows)}
    return [row for row in rows if row.id not in old] if old else list(rows)


def _place(row: Row) -> tuple[Setting, Arm]:
    return Setting.of(row.cell), row.cell.arm


def _measured(rows: Iterable[Row], arms: Collection[Arm]) -> set[tuple[Setting, Arm]]:
    """Where these arms have a result."""
    return {_place(row) for row in rows if row.status == "ok" and row.cell.arm in arms}


def _edited(row: Row, latest: Mapping[Name, Mapping[str, str]]) -> Iterator[Name]:
    """What the row was made of that has a newer version."""
    return (name for name, version in _versions(row) if latest[name][version] < max(latest[name].values()))


def _latest(rows: Iterable[Row]) -> dict[Name, dict[str, str]]:
    """Of each name's versions, when the newest row was finished."""
    finished_by_name: dict[Name, dict[str, str]] = {}
    for row in rows:
        finished = str(row.provenance.get("finished", ""))
        for name, version in _versions(row):
            by_version = finished_by_name.setdefault(name, {})
            by_version[version] = max(finished, by_version.get(version, ""))
    return finished_by_name


def _versions(row: Row) -> Iterator[tuple[Name, str]]:
    """What the row was made of, with the hash of each."""
    cell = row.cell
    names = {"loss": cell.loss, "model": cell.model, "noise": cell.noise, TEST_NOISE: cell.test_noise}
    yield ("data", cell.dataset), cell.fingerprint
    yield from (((role, names[role]), source) for role, source in cell.sources if role in names)
