"""Train what a grid still needs, by any engine, beside any other run of the same folder.

Rows are written as stacks end: what is finished stays finished, whatever comes.
"""

from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from lsbench.names.registry import load
from lsbench.planning.stacks import Work
from lsbench.rows import provenance, store
from lsbench.rows.row import Row
from lsbench.spec import Place
from lsbench.workers.claims import Claims
from lsbench.workers.engines import ENGINES, WorkerOptions
from lsbench.workers.events import Event, StackDone
from lsbench.workers.queues import ClaimingQueue


def drive(work: Work, place: Place, out: Path, options: WorkerOptions) -> Generator[Event]:
    """Claim, train and store stack after stack; yield events once what they tell is on disk."""
    if not work.stacks:
        return
    with Claims(out) as claims:
        claims.clear(work.rows.keys() - work.wanted)
        queue = ClaimingQueue(work.stacks, work.wanted, work.rows, claims, out)
        engine = load(ENGINES[options.engine].ref)
        stored = {"out": out, "wanted": queue.wanted} if options.workers_write else {}
        with closing(engine(queue, place, options, **stored)) as events:  # workers end before claims are given up
            for event in events:
                yield _written(event, queue, out, options) if isinstance(event, StackDone) else event


def _written(event: StackDone, queue: ClaimingQueue, out: Path, options: WorkerOptions) -> StackDone:
    """The event, once its wanted rows and the log of a failed stack are on disk and their claims given up.

    Workers that write have written the rows that they trained; rows of what failed are always written here.
    """
    rows = [
        row if options.workers_write and row.provenance else store.write_or_fail(_with_origin(row), out)
        for row in event.rows
        if row.id in queue.wanted
    ]
    for row in rows:
        if event.log:
            _write_log(row.id, event.log, out)
    queue.claims.release(row.id for row in rows)
    return StackDone(event.stack, rows, event.log)


def _with_origin(row: Row) -> Row:
    return row if row.provenance else replace(row, provenance=provenance.collect())


def _write_log(row_id: str, log: str, out: Path) -> None:
    store.write_atomically(out / "logs" / f"{row_id}.log", log.encode(errors="replace"))
