"""Train what a grid still needs, on this machine, beside any other run of the same folder."""

from collections.abc import Generator
from pathlib import Path

from lsbench.plan import Work
from lsbench.spec import Place
from lsbench.workers.claims import Claims
from lsbench.workers.events import Event
from lsbench.workers.local import run_all
from lsbench.workers.record import record
from lsbench.workers.source import Source


def drive(work: Work, place: Place, out: Path, jobs: int, timeout: float | None = None) -> Generator[Event]:
    """Claim, train and store stack after stack; yield events once what they tell is on disk."""
    if not work.stacks:
        return
    with Claims(out) as claims:
        source = Source(work.stacks, work.wanted, work.rows, claims, out)
        yield from record(run_all(source, place, jobs, timeout=timeout), source, out)
