"""The numbers that change from step to step, as a table on the device that steps read for themselves."""

import copy
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

Group = dict[str, Any]  # of an optimiser's parameters, with its options
StepNumbers = Callable[[Group, int], tuple[float, ...]]  # of a group's t-th step, t from 1


@runtime_checkable
class Changes(Protocol):
    """What a step changes."""

    changed: list[Tensor]  # that last longer than a step


class Numbers:
    """Row i: what the optimiser needs in step i, then the share of the weights' average after step i - 1.

    `now` is the row of the present step. It moves by `step`, as a scheduler does, and the average moves after that.
    """

    def __init__(self, rows: Sequence[Sequence[float]], device: torch.device) -> None:
        """rows: (steps + 1, numbers)."""
        # of doubles, as Python computes them, to the floats that torch makes of Python's numbers
        self.table: Tensor = torch.tensor(rows, dtype=torch.float64).float().to(device)
        self.place: Tensor = torch.zeros(1, dtype=torch.long, device=device)
        self.now: Tensor = self.table[0].clone()
        self.changed: list[Tensor] = [self.place, self.now]

    def step(self) -> None:
        """To the numbers of the next step."""
        self.place.add_(1)
        self.now.copy_(self.table.index_select(0, self.place)[0])


def rows_of(
    optimizer: torch.optim.Optimizer, scheduler: Any, steps: int, numbers: StepNumbers
) -> Iterator[list[float]]:
    """The numbers of all groups in each step and once more, by torch's own scheduler; neither of the two is moved."""
    own: Any = SimpleNamespace(
        param_groups=[{**group, "params": []} for group in optimizer.param_groups], step=optimizer.step
    )
    own._opt_called = True  # torch warns of a schedule that moves before its optimiser
    scheduler = copy.copy(scheduler)
    scheduler.optimizer = own
    for t in range(1, steps + 1):
        yield [number for group in own.param_groups for number in numbers(group, t)]
        scheduler.step()
    yield [0.0 for group in own.param_groups for _ in numbers(group, steps)]  # behind the last step
