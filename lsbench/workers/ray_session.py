"""Ray, connected: a cluster that is there, or one that is started here for the run."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from socket import create_connection
from typing import Any

from lsbench.errors import InputError
from lsbench.workers.processes import training_environment
from lsbench.workers.ray_options import RayOptions
from lsbench.workers.shipped_files import copied

LOCAL = "local"  # Ray's word for a cluster of this machine alone, which ends with the process
NO_GPU = {"CUDA_VISIBLE_DEVICES": ""}


@contextmanager
def session(options: RayOptions) -> Iterator[Any]:
    """Ray, connected; what was started here is ended, a cluster that was there before is left."""
    ray = require_ray()
    environment: dict[str, Any] = {
        "env_vars": {**training_environment(options.threads), **({} if options.gpus else NO_GPU)}
    }
    started = {"num_cpus": options.jobs, "include_dashboard": False} if options.address is None else {}
    _require_listener(options.address)
    with copied(options.files) as folder:
        if options.files:
            environment["working_dir"] = str(folder)
        try:
            ray.init(
                address=options.address or LOCAL,
                runtime_env=environment,
                log_to_driver=False,
                logging_level="ERROR",
                **started,
            )
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise InputError(f"no Ray cluster at {options.address or LOCAL}: {first_line(error)}") from error
        try:
            yield ray
        finally:
            ray.shutdown()


def require_ray() -> Any:
    """Ray itself; an `InputError` where it is not installed."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere
    os.environ.setdefault("RAY_worker_niceness", "0")  # as the local pool's; Ray's own 15 starves beside anything else
    try:
        import_module("ray.exceptions")
        return import_module("ray")
    except ImportError as error:
        raise InputError("--workers ray needs Ray: pip install 'lsbench[ray]'") from error


def _require_listener(address: str | None) -> None:
    """Raise an `InputError` where nobody listens, which Ray itself finds out in minutes."""
    host, _, port = (address or "").removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        return
    try:
        create_connection((host, int(port)), timeout=10).close()
    except OSError as error:
        raise InputError(f"no Ray cluster at {address}: {error.strerror or error}; see `ray status` there") from error


def first_line(error: object) -> str:
    """The first line of an error."""
    lines: Sequence[str] = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
