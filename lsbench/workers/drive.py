"""Train what a grid still needs, here or on a cluster, beside any other run of the same folder.

Rows are written as stacks end: what is finished stays finished, whatever comes.
"""

from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from lsbench.planning.plan import Work
from lsbench.rows import provenance, store
from lsbench.rows.row import Row
from lsbench.spec import Place
from lsbench.workers.claims import Claims
from lsbench.workers.crew import Crew
from lsbench.workers.events import Event, StackDone
from lsbench.workers.local import run_all
from lsbench.workers.source import Source


def drive(work: Work, place: Place, out: Path, crew: Crew) -> Generator[Event]:
    """Claim, train and store stack after stack; yield events once what they tell is on disk."""
    if not work.stacks:
        return
    with Claims(out) as claims:
        claims.clear(work.rows.keys() - work.wanted)
        source = Source(work.stacks, work.wanted, work.rows, claims, out)
        if crew.ray is None:
            events = run_all(source, place, crew.jobs, timeout=crew.timeout, gpus=crew.gpus)
            yield from _record(events, source, out)
        else:
            from lsbench.workers import ray

            folder = out if crew.ray.shared else None
            events = ray.run_all(source, place, crew.ray, timeout=crew.timeout, out=folder, wanted=source.wanted)
            yield from _record(events, source, out, written=crew.ray.shared)


def _record(events: Generator[Event], source: Source, out: Path, *, written: bool = False) -> Generator[Event]:
    """Write the wanted rows of each ended stack, and the log of a failed one; give up the claims; pass the event on.

    `written` says that workers have written those that they trained; rows of what failed are always written here.
    """
    with closing(events):  # whatever goes wrong here, the workers end before the claims are given up
        for event in events:
            yield _recorded(event, source, out, written=written) if isinstance(event, StackDone) else event


def _recorded(event: StackDone, source: Source, out: Path, *, written: bool) -> StackDone:
    rows = [
        row if written and row.provenance else store.write_or_fail(_with_origin(row), out)
        for row in event.rows
        if row.id in source.wanted
    ]
    for row in rows:
        if event.log:
            _write_log(row.id, event.log, out)
    source.claims.release(row.id for row in rows)
    return StackDone(event.stack, rows, event.log)


def _with_origin(row: Row) -> Row:
    return row if row.provenance else replace(row, provenance=provenance.collect())


def _write_log(row_id: str, log: str, out: Path) -> None:
    store.write_atomically(out / "logs" / f"{row_id}.log", log.encode(errors="replace"))
