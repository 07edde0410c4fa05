"""Who trains what was asked: this machine's processes, on which of its GPUs, or a Ray cluster."""

import os

from lsbench.cli.options import Asked, count_jobs
from lsbench.errors import InputError, require_choice, require_number, require_whole
from lsbench.spec import Grid
from lsbench.training.devices import resolve
from lsbench.workers.crew import Crew, RayOptions

ENGINES = ("local", "ray")
RAY_ALONE = ("address", "cpus_per_stack", "gpus_per_stack", "retries", "shared_results")


def crew_of(asked: Asked, grid: Grid) -> tuple[str, Crew]:
    """The device, and who trains; `InputError` for options that do not go together."""
    require_choice("--workers", asked.workers or ENGINES[0], ENGINES)
    if asked.workers == "ray":
        return _on_ray(asked, grid)
    for word in RAY_ALONE:
        if getattr(asked, word) not in (None, False):
            raise InputError(f"--{word.replace('_', '-')} belongs to --workers ray")
    device = resolve(asked.device or "auto")
    gpus = _gpus(asked.gpus, device)
    jobs = len(gpus) if gpus and asked.jobs in (None, "auto") else count_jobs(asked.jobs, device)
    return device, Crew(jobs=jobs, timeout=asked.timeout, gpus=gpus if len(gpus) > 1 or asked.gpus else ())


def _on_ray(asked: Asked, grid: Grid) -> tuple[str, Crew]:
    from lsbench.workers.luggage import luggage_of

    if asked.gpus:
        raise InputError("--gpus is for this machine's own workers; with --workers ray say --gpus-per-stack")
    share = asked.gpus_per_stack if asked.gpus_per_stack is not None else float(asked.device == "cuda")
    cpus = 1.0 if asked.cpus_per_stack is None else asked.cpus_per_stack
    retries = 2 if asked.retries is None else asked.retries
    require_number("--cpus-per-stack", cpus, 0.001, 1024)
    require_number("--gpus-per-stack", share, 0, 64)
    require_whole("--retries", retries, 0, 1000)
    if share > 1 and share != int(share):
        raise InputError(f"--gpus-per-stack must be a fraction below 1 or a whole number, got {share:g}")
    if share and asked.device == "cpu":
        raise InputError("--gpus-per-stack asks for GPUs and --device cpu for none; leave out one of them")
    options = RayOptions(
        address=asked.address,
        cpus=cpus,
        gpus=share,
        retries=retries,
        luggage=luggage_of(grid, asked.metrics()),
        jobs=None if asked.jobs in (None, "auto") else count_jobs(asked.jobs, "cpu"),
        shared=asked.shared_results,
    )
    return "cuda" if share else "cpu", Crew(jobs=options.jobs or 1, timeout=asked.timeout, ray=options)


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
