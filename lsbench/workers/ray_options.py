"""The options of Ray's workers: which cluster, and what of it a stack takes."""

from dataclasses import dataclass
from typing import Literal

from lsbench.errors import InputError, require_number, require_whole
from lsbench.spec import Grid
from lsbench.workers.engines import Values
from lsbench.workers.local_options import count_jobs
from lsbench.workers.shipped_files import Files, files_to_ship


@dataclass(frozen=True, kw_only=True)
class RayOptions:
    """Tasks of a Ray cluster, one per stack."""

    address: str | None = None  # HOST:PORT or auto; None starts a cluster here, which ends with the run
    cpus: float = 1.0  # of each stack; what Ray counts, not what is measured
    gpus: float = 0.0  # likewise; a fraction shares a GPU
    retries: int = 2  # of a stack whose worker or node died
    files: Files = ()  # the user's own, for all nodes
    jobs: int | None = None  # tasks under way at once; None asks the cluster
    timeout: float | None = None  # seconds per cell
    threads: int = 1  # per worker on a CPU, as of the local pool
    engine: Literal["ray"] = "ray"
    workers_write: bool = False  # all nodes see the results folder, and workers write their rows there


def read_options(values: Values, grid: Grid) -> tuple[str, RayOptions]:
    """The device of the workers, and what was asked of the cluster."""
    if values.gpus:
        raise InputError("--gpus is for this machine's own workers; with --workers ray say --gpus-per-stack")
    gpus = values.gpus_per_stack if values.gpus_per_stack is not None else float(values.device == "cuda")
    cpus = 1.0 if values.cpus_per_stack is None else values.cpus_per_stack
    retries = 2 if values.retries is None else values.retries
    require_number("--cpus-per-stack", cpus, 0.001, 1024)
    require_number("--gpus-per-stack", gpus, 0, 64)
    require_whole("--retries", retries, 0, 1000)
    if gpus > 1 and gpus != int(gpus):
        raise InputError(f"--gpus-per-stack must be a fraction below 1 or a whole number, got {gpus:g}")
    if gpus and values.device == "cpu":
        raise InputError("--gpus-per-stack asks for GPUs and --device cpu for none; leave out one of them")
    return "cuda" if gpus else "cpu", RayOptions(
        address=values.address,
        cpus=cpus,
        gpus=gpus,
        retries=retries,
        files=files_to_ship(grid, values.metrics()),
        jobs=None if values.jobs in (None, "auto") else count_jobs(values.jobs, "cpu"),
        timeout=values.timeout,
        workers_write=values.shared_results,
    )
