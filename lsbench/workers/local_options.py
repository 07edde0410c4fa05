"""The options of this machine's own worker processes: how many, on which of its GPUs, how long a cell may take."""

import os
from dataclasses import dataclass
from typing import Literal

from lsbench.errors import InputError
from lsbench.rows.provenance import usable_cores
from lsbench.spec import Grid
from lsbench.training.devices import resolve
from lsbench.workers.engines import Values

MOST_JOBS = 1024


@dataclass(frozen=True, kw_only=True)
class LocalOptions:
    """A pool of processes."""

    jobs: int = 1  # processes
    timeout: float | None = None  # seconds per cell
    gpus: tuple[str, ...] = ()  # which of this machine's the processes share out; () leaves it to torch
    threads: int = 1  # per process on a CPU: two processes of one thread beat one of two
    engine: Literal["local"] = "local"
    workers_write: Literal[False] = False


def read_options(values: Values, _grid: Grid) -> tuple[str, LocalOptions]:
    """The device, and the pool that was asked for."""
    device = resolve(values.device or "auto")
    gpus = _gpus(values.gpus, device)
    jobs = len(gpus) if gpus and values.jobs in (None, "auto") else count_jobs(values.jobs, device)
    return device, LocalOptions(jobs=jobs, timeout=values.timeout, gpus=gpus if len(gpus) > 1 or values.gpus else ())


def count_jobs(jobs: str | None, device: str) -> int:
    """How many worker processes `--jobs` means; without it one per core, or one for a GPU."""
    if jobs in (None, "auto"):
        return 1 if device == "cuda" else usable_cores()
    if not (jobs.isdecimal() and 1 <= int(jobs) <= MOST_JOBS):
        raise InputError(f"--jobs takes auto or a whole number from 1 to {MOST_JOBS}, got {jobs!r}")
    return int(jobs)


def _gpus(text: str | None, device: str) -> tuple[str, ...]:
    """The GPUs to share out, as CUDA_VISIBLE_DEVICES names them: those chosen, or all that this process sees."""
    if device != "cuda":
        if text:
            raise InputError(f"--gpus {text} chooses among GPUs, and this runs on {device}")
        return ()
    import torch

    here = os.environ.get("CUDA_VISIBLE_DEVICES") or ",".join(map(str, range(torch.cuda.device_count())))
    names = [name.strip() for name in here.split(",")]
    if not text:
        return tuple(names)
    chosen = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and int(part) < len(names) for part in chosen) or len(set(chosen)) < len(chosen):
        raise InputError(f"--gpus takes numbers of this machine's {len(names)} GPUs, such as 0,1; got {text!r}")
    return tuple(names[int(part)] for part in chosen)
