"""A pool of long-lived processes on this machine, one stack at a time each; a process that dies is replaced."""

import os
import pickle
import signal
import tempfile
from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import wait
from pathlib import Path
from time import monotonic

from lsbench.planning.plan import Stack
from lsbench.spec import Place
from lsbench.workers.child import work
from lsbench.workers.events import EpochDone, Event, Lost, StackDone, Stacks, Waiting, divide, failure

MOST_FALSE_STARTS = 2  # of one stack, after which its processes' deaths count against it
POLL = 1.0  # seconds between two looks at stacks that other runs hold
THREAD_COUNTS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
ALLOCATOR = {
    "MALLOC_MMAP_THRESHOLD_": str(2**30),
    "MALLOC_TRIM_THRESHOLD_": str(2**30),
    "MALLOC_TOP_PAD_": str(2**26),
}
THREADS = 1  # per worker on a CPU: two workers of one thread beat one of two


def run_all(
    stacks: Stacks,
    place: Place,
    jobs: int,
    *,
    threads: int = THREADS,
    timeout: float | None = None,
    gpus: Sequence[str] = (),
    trainer: str = "lsbench.training.stack:run_stack",
) -> Generator[Event]:
    """Train every stack on `jobs` processes; yield events as they come.

    A stack that raises, dies or takes more than `timeout` seconds per cell is divided and tried again, until the
    guilty cell is alone and becomes a failed row. Leaving the iterator, however it happens, ends the processes.
    With `gpus` each process sees one of these alone. `trainer` names the function that the processes import and call;
    torch is theirs alone.
    """
    again: deque[Stack] = deque()  # parts of stacks that went wrong
    innocent = Counter[int]()  # how often a process died before it began a stack
    waited = False
    with tempfile.TemporaryDirectory(prefix="lsbench-") as folder:
        logs = [Path(folder) / f"{i}.log" for i in range(min(jobs, len(stacks)))]
        pool = [Worker((trainer, place, threads, log), log, _share(gpus, i)) for i, log in enumerate(logs)]
        try:
            while True:
                for worker in pool:
                    if worker.stack is None and (stack := again.popleft() if again else stacks.take()):
                        worker.give(stack, timeout)
                busy = any(worker.stack for worker in pool)
                if not (stacks or again or busy):
                    return
                if stacks and not busy and not waited:
                    waited = True
                    yield Waiting(len(stacks))
                for event in _listen(pool, POLL if stacks else None):
                    if not isinstance(event, Lost):
                        yield event
                    elif not event.started and innocent[id(event.stack)] < MOST_FALSE_STARTS:
                        innocent[id(event.stack)] += 1
                        again.append(event.stack)
                    else:
                        yield EpochDone(event.stack, 0)
                        again.extend(divide(event))
                        yield from failure(event)
        finally:
            for worker in pool:
                worker.end()


class Worker:
    """One process, and what it is doing."""

    def __init__(self, task: tuple[str, Place, int, Path], log: Path, environment: dict[str, str]) -> None:
        self.task, self.log, self.environment = task, log, environment
        self.stack: Stack | None = None
        self.started = False  # whether the process has begun that stack
        self.limit: float | None = None  # seconds the present stack may take
        self.deadline: float | None = None
        self._start()

    def _start(self) -> None:
        spawn = get_context("spawn")
        self.log.write_bytes(b"")
        self.connection, theirs = spawn.Pipe()
        self.process = spawn.Process(target=work, args=(theirs, *self.task), daemon=True)
        with birth_environment({**born_with(self.task[2]), **self.environment}):
            self.process.start()
        theirs.close()

    def give(self, stack: Stack, timeout: float | None) -> None:
        """Let the process train a stack."""
        self.stack, self.started = stack, False
        self.limit = None if timeout is None else timeout * len(stack)
        self.deadline = None  # the clock starts when the process does, see `hear`
        with suppress(BrokenPipeError):  # it died while idle: `hear` finds out and replaces it
            self.connection.send(stack)

    def hear(self) -> Event | Lost | None:
        """What the process has to say, if anything; replaces it where it died."""
        try:
            kind, *content = self.connection.recv()
        except (EOFError, OSError, pickle.UnpicklingError):  # it died, perhaps in the middle of a sentence
            return self._replace(f"its process {_cause_of_death(self._reap())}", started=self.started)
        if kind == "started":
            self.started = True
            self.deadline = None if self.limit is None else monotonic() + self.limit
            return None
        assert self.stack is not None, "an idle worker says nothing else"
        if kind == "epoch":
            return EpochDone(self.stack, content[0])
        stack, self.stack = self.stack, None
        return StackDone(stack, content[0]) if kind == "rows" else Lost(stack, *content)

    def overdue(self) -> Lost | None:
        """Kill and replace the process where its stack has taken too long."""
        if self.stack is None or self.deadline is None or monotonic() < self.deadline:
            return None
        return self._replace(f"took longer than {self.limit:g} s; raise --timeout", overdue=True)

    def end(self) -> None:
        """Kill the process; it holds nothing that is worth waiting for."""
        self.process.kill()
        self.process.join()
        self.connection.close()

    def _reap(self) -> int:
        self.process.join()
        return self.process.exitcode or 0

    def _replace(self, error: str, *, started: bool = True, overdue: bool = False) -> Lost | None:
        self.end()
        log = self.log.read_text(errors="replace")
        stack, self.stack = self.stack, None
        self._start()
        return None if stack is None else Lost(stack, error, log, started, overdue)


def _listen(pool: Sequence[Worker], longest: float | None) -> Iterator[Event | Lost]:
    """Wait until a worker speaks, dies or is overdue, or for the longest time; then pass on what happened."""
    pauses = [max(0.0, w.deadline - monotonic()) for w in pool if w.stack and w.deadline is not None]
    pauses += [] if longest is None else [longest]
    ready = wait([worker.connection for worker in pool], min(pauses, default=None))
    for worker in pool:
        happened = worker.hear() if worker.connection in ready else worker.overdue()
        if happened is not None:
            yield happened


def _cause_of_death(exit_code: int) -> str:
    if exit_code >= 0:
        return f"ended with exit code {exit_code}"
    name = signal.Signals(-exit_code).name
    return f"was killed by {name}" + (" (out of memory?)" if name == "SIGKILL" else "")


def _share(gpus: Sequence[str], i: int) -> dict[str, str]:
    """What lets the i-th process see its GPU alone; nothing where it may see all."""
    return {"CUDA_VISIBLE_DEVICES": gpus[i % len(gpus)]} if gpus else {}


def born_with(threads: int) -> dict[str, str]:
    """What must be set before a child imports torch: OpenMP's threads, and glibc keeping freed memory for reuse.

    The allocator's part makes an mlp's step a fifth faster: every step frees and asks for the same few megabytes.
    """
    return {**dict.fromkeys(THREAD_COUNTS, str(threads)), **ALLOCATOR}


@contextmanager
def birth_environment(wanted: dict[str, str]) -> Iterator[None]:
    """The environment that a child is to be born with, for as long as it takes."""
    keep = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in keep.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
