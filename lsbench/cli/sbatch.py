"""A Slurm job array that trains a grid: every task runs the same line, and claims share out the cells."""

from dataclasses import fields
from pathlib import Path

from lsbench.cli.options import Asked
from lsbench.names.encoding import command_line
from lsbench.planning.cost import Cost

MOST_TASKS = 16
SLACK = 2.0  # times the estimate
NOT_TO_REPEAT = ("study", "jobs", "smoke")  # what the study says is said by the options; the jobs are Slurm's

SCRIPT = """\
#!/bin/bash
# {cells} cells in {stacks} stacks. Every task runs the same line on one results folder, which all nodes must see:
# a cell is claimed before it is trained, so none is trained twice, and a task that dies is made good by the others.
#SBATCH --job-name=lsbench
#SBATCH --array=0-{last}
#SBATCH --cpus-per-task={cpus}
#SBATCH --time={time}
#SBATCH --output={out}/logs/slurm-%A_%a.out

srun {command} --jobs "${{SLURM_CPUS_PER_TASK:-{cpus}}}"
"""


def sbatch_script(asked: Asked, cost: Cost, cpus: int) -> str:
    """The script; its time is twice what the plan estimates for `cpus` workers, or a day where that is not known."""
    tasks = max(1, min(MOST_TASKS, -(-cost.stacks // cpus)))
    return SCRIPT.format(
        cells=f"{cost.to_do:,}",
        stacks=f"{cost.stacks:,}",
        last=tasks - 1,
        cpus=cpus,
        time=_time(cost.seconds * SLACK / tasks if cost.seconds else 86_400),
        out=command_line([str(asked.results)]),
        command=command_line(["lsbench", "run", *_options(asked)]),
    )


def _options(asked: Asked) -> list[str]:
    words: list[str] = []
    for field in fields(asked):
        value = getattr(asked, field.name)
        if field.name in NOT_TO_REPEAT or value is None or value is False:
            continue
        option = f"--{field.name.replace('_', '-')}"
        if value is True:
            words.append(option)
        else:
            for one in value if isinstance(value, list) else [value]:
                words += [option, str(one.resolve() if isinstance(one, Path) else one)]
    return words


def _time(seconds: float) -> str:
    """As Slurm reads it, in whole minutes, at least ten."""
    minutes = max(10, -(-int(seconds) // 60))
    return f"{minutes // 60:02d}:{minutes % 60:02d}:00"
