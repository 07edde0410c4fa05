"""Train what a grid still needs, here or on a cluster, beside any other run of the same folder."""

from collections.abc import Generator
from pathlib import Path

from lsbench.plan import Work
from lsbench.spec import Place
from lsbench.workers.claims import Claims
from lsbench.workers.crew import Crew
from lsbench.workers.events import Event
from lsbench.workers.local import run_all
from lsbench.workers.record import record
from lsbench.workers.source import Source


def drive(work: Work, place: Place, out: Path, crew: Crew) -> Generator[Event]:
    """Claim, train and store stack after stack; yield events once what they tell is on disk."""
    if not work.stacks:
        return
    with Claims(out) as claims:
        source = Source(work.stacks, work.wanted, work.rows, claims, out)
        if crew.ray is None:
            events = run_all(source, place, crew.jobs, timeout=crew.timeout, gpus=crew.gpus)
            yield from record(events, source, out)
        else:
            from lsbench.workers import ray

            folder = out if crew.ray.shared else None
            events = ray.run_all(source, place, crew.ray, timeout=crew.timeout, out=folder, wanted=source.wanted)
            yield from record(events, source, out, written=crew.ray.shared)
