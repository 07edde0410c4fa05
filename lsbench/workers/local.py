"""A pool of long-lived processes on this machine, one stack at a time each; a process that dies is replaced."""

import contextlib
import faulthandler
import gc
import os
import pickle
import signal
import tempfile
import traceback
from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from time import monotonic

from lsbench.names.registry import load
from lsbench.planning.stacks import Stack
from lsbench.spec import Place
from lsbench.workers.engines import TRAINER
from lsbench.workers.events import EpochDone, Event, FailedStack, StackDone, Waiting, divide, failure
from lsbench.workers.local_options import LocalOptions
from lsbench.workers.processes import (
    breaks_the_gpu,
    cause_of_death,
    environment_set,
    exit_with_parent,
    training_environment,
)
from lsbench.workers.queues import Stacks

MOST_EARLY_DEATHS = 2  # of processes before they began a stack, after which the next one counts as the stack's failure
POLL = 1.0  # seconds between two looks at stacks that other runs hold


def run_all(
    stacks: Stacks, place: Place, options: LocalOptions | None = None, *, trainer: str = TRAINER
) -> Generator[Event]:
    """Train every stack on the pool's processes; yield events as they come.

    A stack that raises, dies or takes more than `options.timeout` seconds per cell is divided and tried again, until
    the failing cell is alone and becomes a failed row. Leaving the iterator, however it happens, ends the processes.
    With `options.gpus` each process sees one of these alone. `trainer` names the function that the processes import
    and call; torch is theirs alone.
    """
    options = options or LocalOptions()
    place = replace(place, threads=max(1, options.jobs // max(1, len(stacks))))
    again: deque[Stack] = deque()  # parts of stacks that went wrong
    early_deaths = Counter[int]()  # how often a process died before it began a stack
    waited = False
    with tempfile.TemporaryDirectory(prefix="lsbench-") as folder:
        logs = [Path(folder) / f"{i}.log" for i in range(min(options.jobs, len(stacks)))]
        pool = [
            Worker((trainer, place, options.threads, log), log, _gpu_of_process(options.gpus, i))
            for i, log in enumerate(logs)
        ]
        try:
            while True:
                for worker in pool:
                    if worker.stack is None and (stack := again.popleft() if again else stacks.take()):
                        worker.send(stack, options.timeout)
                busy = any(worker.stack for worker in pool)
                if not (stacks or again or busy):
                    return
                if stacks and not busy and not waited:
                    waited = True
                    yield Waiting(len(stacks))
                for event in _events_of(pool, POLL if stacks else None):
                    if not isinstance(event, FailedStack):
                        yield event
                    elif not event.started and early_deaths[id(event.stack)] < MOST_EARLY_DEATHS:
                        early_deaths[id(event.stack)] += 1
                        again.append(event.stack)
                    else:
                        yield EpochDone(event.stack, 0)
                        again.extend(divide(event))
                        yield from failure(event)
        finally:
            for worker in pool:
                worker.end()


class Worker:
    """One process, seen from the one that started it, and the stack that it trains."""

    connection: Connection
    process: SpawnProcess

    def __init__(self, task: tuple[str, Place, int, Path], log: Path, environment: dict[str, str]) -> None:
        self.task: tuple[str, Place, int, Path] = task
        self.log: Path = log
        self.environment: dict[str, str] = environment
        self.stack: Stack | None = None
        self.started: bool = False  # whether the process has begun that stack
        self.limit: float | None = None  # seconds the present stack may take
        self.deadline: float | None = None
        self._start()

    def _start(self) -> None:
        spawn = get_context("spawn")
        self.log.write_bytes(b"")
        self.connection, theirs = spawn.Pipe()
        self.process = spawn.Process(target=work, args=(theirs, *self.task), daemon=True)
        with environment_set({**training_environment(self.task[2]), **self.environment}):
            self.process.start()
        theirs.close()

    def send(self, stack: Stack, timeout: float | None) -> None:
        """Let the process train a stack."""
        self.stack, self.started = stack, False
        self.limit = None if timeout is None else timeout * len(stack)
        self.deadline = None  # the clock starts when the process does, see `receive`
        with contextlib.suppress(BrokenPipeError):  # it died while idle: `receive` notices and replaces it
            self.connection.send(stack)

    def receive(self) -> Event | FailedStack | None:
        """What the process has sent, if it means anything; replaces the process where it died."""
        try:
            kind, *content = self.connection.recv()
        except (EOFError, OSError, pickle.UnpicklingError):  # it died, perhaps in the middle of a message
            return self._replace(f"its process {cause_of_death(self._exit_code())}", started=self.started)
        if kind == "started":
            self.started = True
            self.deadline = None if self.limit is None else monotonic() + self.limit
            return None
        assert self.stack is not None, "an idle worker sends nothing else"
        if kind == "epoch":
            return EpochDone(self.stack, content[0])
        stack, self.stack = self.stack, None
        return StackDone(stack, content[0]) if kind == "rows" else FailedStack(stack, *content)

    def stop_if_overdue(self) -> FailedStack | None:
        """Kill and replace the process where its stack has taken too long."""
        if self.stack is None or self.deadline is None or monotonic() < self.deadline:
            return None
        return self._replace(f"took longer than {self.limit:g} s; raise --timeout", overdue=True)

    def end(self) -> None:
        """Kill the process; it holds nothing that is worth waiting for."""
        self.process.kill()
        self.process.join()
        self.connection.close()

    def _exit_code(self) -> int:
        self.process.join()
        return self.process.exitcode or 0

    def _replace(self, error: str, *, started: bool = True, overdue: bool = False) -> FailedStack | None:
        self.end()
        log = self.log.read_text(errors="replace")
        stack, self.stack = self.stack, None
        self._start()
        return None if stack is None else FailedStack(stack, error, log, started, overdue)


def _events_of(pool: Sequence[Worker], longest: float | None) -> Iterator[Event | FailedStack]:
    """Wait until a worker sends something, dies or is overdue, or for the longest time; then pass on what happened."""
    pauses = [max(0.0, w.deadline - monotonic()) for w in pool if w.stack and w.deadline is not None]
    pauses += [] if longest is None else [longest]
    ready = wait([worker.connection for worker in pool], min(pauses, default=None))
    for worker in pool:
        event = worker.receive() if worker.connection in ready else worker.stop_if_overdue()
        if event is not None:
            yield event


def _gpu_of_process(gpus: Sequence[str], i: int) -> dict[str, str]:
    """What lets the i-th process see its GPU alone; nothing where it may see all."""
    return {"CUDA_VISIBLE_DEVICES": gpus[i % len(gpus)]} if gpus else {}


def work(connection: Connection, trainer: str, place: Place, threads: int, log: Path) -> None:
    """What a worker process does: pin its threads, then train the stacks it is sent until its parent is gone.

    Of each stack it sends ("started",), then ("epoch", n) as epochs end, then ("rows", rows) or
    ("error", sentence, traceback). After an error that breaks its GPU the process ends, and is replaced.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # sent to the whole group: the parent decides what it means, and kills
    exit_with_parent()
    _redirect_output(log)

    gc.disable()  # hundreds of thousands of objects are imported, and stay: none is worth looking at
    import torch

    train = load(trainer)
    gc.freeze()
    gc.enable()
    torch.set_num_threads(threads)
    while (stack := _next_stack(connection)) is not None:
        connection.send(("started",))
        try:
            connection.send(("rows", train(stack, place, lambda epochs: connection.send(("epoch", epochs)))))
            continue
        except Exception as error:  # noqa: BLE001 - whatever a cell raises becomes its row
            connection.send(("error", f"{type(error).__name__}: {error}", traceback.format_exc()))
            if breaks_the_gpu(error):
                return
        gc.collect()
        torch.cuda.empty_cache()  # what a stack held that was too large: its halves want it


def _next_stack(connection: Connection) -> Stack | None:
    with contextlib.suppress(EOFError):
        return connection.recv()
    return None


def _redirect_output(log: Path) -> None:
    """Send what the process prints, a crash's stack trace included, to its log."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for standard in (1, 2):
        os.dup2(descriptor, standard)
    faulthandler.enable()
