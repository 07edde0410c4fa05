"""Who trains: processes of this machine, or a cluster."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RayOptions:
    """Which cluster, and what of it a stack takes."""

    address: str | None = None  # HOST:PORT or auto; None starts one here, which ends with the run
    cpus: float = 1.0  # of each stack; what Ray counts, not what is measured
    gpus: float = 0.0  # likewise; a fraction shares a GPU
    retries: int = 2  # of a stack whose worker or node died
    luggage: tuple[tuple[str, str], ...] = ()  # the user's own files for all nodes: place there, path here
    jobs: int | None = None  # tasks under way at once; None asks the cluster
    shared: bool = False  # whether all nodes see the results folder, and workers write their rows there


@dataclass(frozen=True)
class Crew:
    """How many processes, and how long a cell may take; `ray` takes the place of this machine's pool."""

    jobs: int = 1
    timeout: float | None = None  # seconds per cell
    gpus: tuple[str, ...] = ()  # which of this machine's the processes share out; () leaves it to torch
    ray: RayOptions | None = None
