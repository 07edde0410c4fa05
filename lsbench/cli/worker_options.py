"""Who trains what was asked: the options of the engine that `--workers` names."""

from lsbench.cli.options import RunOptions
from lsbench.errors import InputError, require_choice
from lsbench.names.registry import load
from lsbench.spec import Grid
from lsbench.workers.engines import ENGINES, WorkerOptions


def worker_options(asked: RunOptions, grid: Grid) -> tuple[str, WorkerOptions]:
    """The device, and who trains; `InputError` for options that do not go together."""
    name = asked.workers or "local"
    require_choice("--workers", name, tuple(ENGINES))
    for other, engine in ENGINES.items():
        for option in engine.own:
            if option not in ENGINES[name].own and getattr(asked, option) not in (None, False):
                raise InputError(f"--{option.replace('_', '-')} belongs to --workers {other}")
    return load(ENGINES[name].options)(asked, grid)
