"""A Slurm job array that trains a grid: every task runs the same line, and claims share out the cells."""

from pathlib import Path
from typing import Any

from lsbench.cli.options import RunOptions
from lsbench.names.encoding import command_line
from lsbench.planning.estimate import Estimate

MOST_TASKS = 16
SLACK = 2.0  # times the estimate
NOT_TO_REPEAT = ("study", "jobs", "smoke")  # the options hold what is in the study; the jobs are Slurm's

SCRIPT = """\
#!/bin/bash
# {cells} cells in {stacks} stacks. Every task runs the same line on one results folder, which all nodes must see:
# a cell is claimed before it is trained, so none is trained twice, and the others train what a task that dies has left.
#SBATCH --job-name=lsbench
#SBATCH --array=0-{last}
#SBATCH --cpus-per-task={cpus}
#SBATCH --time={time}
#SBATCH --output={out}/logs/slurm-%A_%a.out

srun {command} --jobs "${{SLURM_CPUS_PER_TASK:-{cpus}}}"
"""


def sbatch_script(options: RunOptions, estimate: Estimate, cpus: int) -> str:
    """The script; its time is twice what the plan estimates for `cpus` workers, or a day where that is not known."""
    tasks = max(1, min(MOST_TASKS, -(-estimate.stacks // cpus)))
    return SCRIPT.format(
        cells=f"{estimate.to_do:,}",
        stacks=f"{estimate.stacks:,}",
        last=tasks - 1,
        cpus=cpus,
        time=_time(estimate.seconds * SLACK / tasks if estimate.seconds else 86_400),
        out=command_line([str(options.results)]),
        command=command_line(["lsbench", "run", *_options(options)]),
    )


def _options(options: RunOptions) -> list[str]:
    words: list[str] = []
    for name, value in options.given.items():
        option = f"--{name.replace('_', '-')}"
        if name in NOT_TO_REPEAT:
            continue
        if value is True:
            words.append(option)
        else:
            for text in _texts(name, value):
                words += [option, text]
    return words


def _texts(name: str, value: Any) -> list[str]:
    """What is typed after the option, once or repeated."""
    if isinstance(value, Path):
        return [str(value.resolve())]
    if isinstance(value, tuple) and (name == "seeds" or all(isinstance(one, int | float) for one in value)):
        return [",".join(map(str, value)) + ","]  # the last comma tells one seed from a count
    return list(map(str, value)) if isinstance(value, list | tuple) else [str(value)]


def _time(seconds: float) -> str:
    """As Slurm reads it, in whole minutes, at least ten."""
    minutes = max(10, -(-int(seconds) // 60))
    return f"{minutes // 60:02d}:{minutes % 60:02d}:00"
