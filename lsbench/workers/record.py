"""Rows are written as stacks end, by whoever drives the engine: what is finished stays finished, whatever comes."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from lsbench import provenance, store
from lsbench.workers.events import Event, StackDone
from lsbench.workers.source import Source


def record(events: Generator[Event], source: Source, out: Path, *, written: bool = False) -> Generator[Event]:
    """Write the wanted rows of each ended stack, and the log of a failed one; give up the claims; pass the event on.

    `written` says that workers have written those that they trained; rows of what failed are always written here.
    """
    with closing(events):  # whatever goes wrong here, the workers end before the claims are given up
        for event in events:
            yield _recorded(event, source, out, written=written) if isinstance(event, StackDone) else event


def _recorded(event: StackDone, source: Source, out: Path, *, written: bool) -> StackDone:
    rows = [row for row in event.rows if row.id in source.wanted]
    for row in rows:
        if not (written and row.provenance):
            store.write(_with_origin(row), out)
        if event.log:
            _write_log(row.id, event.log, out)
    source.claims.release(row.id for row in rows)
    return StackDone(event.stack, rows, event.log)


def _with_origin(row: store.Row) -> store.Row:
    return row if row.provenance else replace(row, provenance=provenance.collect())


def _write_log(row_id: str, log: str, out: Path) -> None:
    store.write_atomically(out / "logs" / f"{row_id}.log", log.encode(errors="replace"))
