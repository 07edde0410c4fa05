"""The study in a process of its own, born with the environment that its measurements need."""

import os
import signal
import sys
from collections.abc import Callable, Mapping
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from lsbench.errors import LsbenchError
from lsbench.speed.options import TORCH, SpeedOptions
from lsbench.speed.result import SpeedStudy
from lsbench.workers.processes import (
    ALLOCATOR,
    THREAD_COUNTS,
    cause_of_death,
    environment_set,
    exit_with_parent,
)


class MeasuringError(LsbenchError):
    """The process that measured has died; `study` is what it had done until then, if anything."""

    def __init__(self, message: str, study: SpeedStudy | None = None) -> None:
        super().__init__(message)
        self.study: SpeedStudy | None = study if study and study.shapes else None


def environment_for(asked: SpeedOptions) -> dict[str, str | None]:
    """The variables that the measuring process is born with; None for one that it must not have."""
    return {
        **dict.fromkeys(THREAD_COUNTS, str(asked.threads)),
        **(ALLOCATOR if asked.reuse_buffers else dict.fromkeys(ALLOCATOR)),
        "TORCHINDUCTOR_COMPILE_THREADS": "1",  # a compiler that runs beside the timing slows it
        "TRITON_INTERPRET": None,
    }


def count_steps(asked: SpeedOptions) -> int:
    """How often `measure_apart` tells what it does next: each form of each shape and dtype, and each timing."""
    return len(asked.dtypes) * len(asked.shapes) * (len({*asked.forms, TORCH}) + 1)


def measure_apart(
    asked: SpeedOptions, environment: Mapping[str, str | None], tell: Callable[[str], object]
) -> SpeedStudy:
    """Measure in a new process; variables that are None are taken out of its environment.

    `tell` hears what is done next. `MeasuringError` where the process dies, with what it was doing.
    """
    spawn = get_context("spawn")
    connection, theirs = spawn.Pipe()
    process = spawn.Process(target=_work, args=(theirs, asked), daemon=True)
    try:
        with environment_set(environment):
            process.start()
        theirs.close()
        return _listen(connection, tell, lambda: cause_of_death(_exit_code(process)))
    finally:
        if process.pid is not None:
            process.kill()
            process.join()


def _listen(connection: Connection, tell: Callable[[str], object], cause: Callable[[], str]) -> SpeedStudy:
    doing, kept = "its start", None
    while True:
        try:
            kind, content = connection.recv()
        except (EOFError, OSError) as error:
            sentence = f"the measuring process {cause()} at {doing}; leave that out and try again"
            raise MeasuringError(sentence, kept) from error
        match kind:
            case "study":
                return content
            case "kept":
                kept = content
            case "error":
                raise MeasuringError(f"measuring failed at {doing}: {content}", kept)
            case "doing":
                doing = content
                tell(content)


def _work(connection: Connection, asked: SpeedOptions) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what it means, and kills
    exit_with_parent()
    _silence()
    try:
        from lsbench.speed.study import measure

        tell, keep = (lambda content, kind=kind: connection.send((kind, content)) for kind in ("doing", "kept"))
        connection.send(("study", measure(asked, tell, keep)))
    except BrokenPipeError:  # the parent is gone
        sys.exit(1)
    except Exception as error:  # noqa: BLE001  it becomes the parent's sentence
        connection.send(("error", f"{type(error).__name__}: {error}"))


def _silence() -> None:
    """Compilers and the profiler print; none of it is the command's output."""
    descriptor = os.open(os.devnull, os.O_WRONLY)
    for standard in (1, 2):
        os.dup2(descriptor, standard)


def _exit_code(process: BaseProcess) -> int:
    process.join()
    return process.exitcode or 0
