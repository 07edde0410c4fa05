"""The engines that can train stacks, as data: a new one is its own module and an entry here.

An engine is a function `ref`: (stacks, place, options, *, trainer) -> events, see `lsbench.workers.events`. It asks the
queue `stacks` for the next stack, trains it by the function that `trainer` names, and yields what happens. Leaving the
iterator must end whatever it started. Neither the table nor an engine's options import torch.
"""

from dataclasses import dataclass
from typing import Any, Protocol

TRAINER = "lsbench.training.stack:run_stack"  # (stack, place, on_epoch) -> one row per cell


@dataclass(frozen=True, kw_only=True)
class Engine:
    """What is known of an engine before it is imported."""

    ref: str  # the function that trains stacks
    options: str  # f(values of the command line, grid) -> (device, options); `InputError` for what does not go together
    summary: str  # a few words, for --help
    own: tuple[str, ...] = ()  # fields of the command line that no other engine takes


ENGINES: dict[str, Engine] = {
    "local": Engine(
        ref="lsbench.workers.local:run_all",
        options="lsbench.workers.local_options:read_options",
        summary="processes here",
    ),
    "ray": Engine(
        ref="lsbench.workers.ray:run_all",
        options="lsbench.workers.ray_options:read_options",
        summary="a cluster",
        own=("address", "cpus_per_stack", "gpus_per_stack", "retries", "shared_results"),
    ),
}


class WorkerOptions(Protocol):
    """What the options of every engine have."""

    @property
    def engine(self) -> str:
        """A name of `ENGINES`."""
        ...

    @property
    def workers_write(self) -> bool:
        """Whether workers write their rows themselves; the engine then takes `out` and `wanted` too."""
        ...


Values = Any  # the command line's: an object with a field per option, None where the user was silent
