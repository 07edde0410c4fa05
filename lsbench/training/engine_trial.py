"""Trying an engine: whether it computes what torch does, and whether it is faster here.

Both engines take three steps, and torch takes the same in float64. Rounding may be as large as torch's own: a bound on
the difference alone would be too tight for a deep network, whose errors grow, and too wide for a shallow one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from time import perf_counter

import torch
import torch.nn.functional as F
from torch import Tensor

from lsbench.models.stack import StackedModel, build
from lsbench.names import resolve
from lsbench.names.catalogue.engines import STEP_ENGINES, TORCH
from lsbench.names.reference import parse
from lsbench.names.registry import load
from lsbench.training.eager_optimizer import eager

TRIED_STEPS, TRIED_EXAMPLES = 3, 6  # of the comparison with torch
MOST_ROUNDING = 4.0  # times torch's own distance from float64, of the typical cell: twice is measured at most
LEAST_DISTANCE = 1e-7  # for which torch's own counts at least: one unit in the last place
LARGEST_KINK = 1e-3  # of any cell: where rounding puts an input of a ReLU on its other side, cells part by some 1e-5
TIMED_SECONDS, TIMED_ROUNDS = 1.0, 3

Maker = Callable[[Sequence[int]], StackedModel]  # seeds -> a stack with a copy for each


class NotTaken(Exception):  # noqa: N818 - no error: torch trains what an engine does not take
    """Why an engine can't train a stack."""


@dataclass(frozen=True)
class Program:
    """What an engine must know to be tried: the cells of a stack share all of it."""

    model: str
    sources: tuple[tuple[str, str], ...]  # of the user's own code
    shape: tuple[int, ...]
    num_classes: int
    cells: int
    batch: int
    threads: int

    def maker(self, engine: str) -> Maker:
        """What makes a stack with a copy per seed; its `NotTaken` says why the engine has none."""
        if engine == TORCH:
            return partial(build, self.model, self.shape, self.num_classes)
        options = {"batch": self.batch, "threads": self.threads}
        return partial(load(STEP_ENGINES[engine].ref), self.model, self.shape, self.num_classes, **options)


@dataclass(frozen=True)
class Trial:
    """Whether an engine is to be taken, and why."""

    passed: bool
    why: str


@cache
def trial(name: str, program: Program, *, is_timed: bool) -> Trial:
    """It passes if it builds the program, computes what torch does, and is faster where that is asked."""
    try:
        apart, rounding = differences(name, program)
        largest = float(apart.max())
        if not largest <= LARGEST_KINK:
            return Trial(False, f"{TRIED_STEPS} steps differ from torch's by {largest:.1e}")
        if not rounding <= MOST_ROUNDING:
            return Trial(False, f"in {TRIED_STEPS} steps its errors are {rounding:.3g} times those of torch")
        if not is_timed:
            return Trial(True, f"asked for; {TRIED_STEPS} steps differ from torch's by {largest:.1e}")
        own, torchs = seconds_per_cell(name, program)
    except NotTaken as error:
        return Trial(False, str(error))
    return Trial(own < torchs, f"a step takes {own * 1e3:.3g} ms per cell, torch's {torchs * 1e3:.3g} ms")


def differences(name: str, program: Program) -> tuple[Tensor, float]:
    """How far three steps of the engine and of torch part, for each cell (cells), and the typical cell's rounding.

    That is its distance from float64, as a multiple of torch's own. Compared are logits, weights and statistics.
    """
    seeds = list(range(program.cells))
    own, torchs, exact = (program.maker(each)(seeds) for each in (name, TORCH, TORCH))
    inputs, labels = _examples(program, TRIED_EXAMPLES, TRIED_STEPS + 1)
    results = [_trained(model, inputs, labels) for model in (own, torchs)]
    results.append(_trained(exact.double(), [x.double() for x in inputs], labels))
    results[0] = [value[: program.cells] for value in results[0]]
    far, own_error, torchs_error = (_parted(results[a], results[b]) for a, b in ((0, 1), (0, 2), (1, 2)))
    return far, float(own_error.median() / torchs_error.median().clamp(min=LEAST_DISTANCE))


def _parted(own: Sequence[Tensor], other: Sequence[Tensor]) -> Tensor:
    return torch.stack([_apart(a, b) for a, b in zip(own, other, strict=True)]).amax(0)


def _trained(model: StackedModel, inputs: Sequence[Tensor], labels: Sequence[Tensor]) -> list[Tensor]:
    """Logits of the last inputs after a step on each of the others, and all that is learnt."""
    step = stepper(model.train())
    for x, y in zip(inputs[:-1], labels[:-1], strict=True):
        step(x, y)
    logits = model.eval()(inputs[-1]).detach()
    return [value.double() for value in (logits, *model.state_dict().values())]


def stepper(model: StackedModel) -> Callable[[Tensor, Tensor], None]:
    """A function of inputs (cells, n, ...) and labels (cells, n) that takes one step by the cross-entropy."""
    optimizer = eager(torch.optim.SGD)(model.parameters(), lr=0.01, momentum=0.9)

    def step(x: Tensor, y: Tensor) -> None:
        optimizer.zero_grad()
        losses = F.cross_entropy(model(x).flatten(0, 1), y.flatten(), reduction="none").view(y.shape)
        losses.mean(1).sum().backward()
        optimizer.step()

    return step


def _apart(own: Tensor, other: Tensor) -> Tensor:
    """The largest difference of each cell (cells)."""
    scale = other.abs().max().clamp(min=1.0)
    return (own - other.view_as(own)).abs().reshape(len(own), -1).amax(1) / scale


def _examples(program: Program, count: int, steps: int, cells: int | None = None) -> tuple[list[Tensor], list[Tensor]]:
    generator, cells = torch.Generator().manual_seed(0), cells or program.cells
    inputs = [torch.randn(cells, count, *program.shape, generator=generator) for _ in range(steps)]
    labels = [torch.randint(program.num_classes, (cells, count), generator=generator) for _ in range(steps)]
    return inputs, labels


def seconds_per_cell(name: str, program: Program) -> tuple[float, float]:
    """Of a step by the engine and by torch in the stacks that it trains best, alternating; the least of some."""
    limit = resolve.model(parse(program.model).name).stack_cpu
    sizes = {name: program.cells, TORCH: min(limit, program.cells)}
    steps = {}
    for engine, cells in sizes.items():
        (x,), (y,) = _examples(program, program.batch, 1, cells)
        step = stepper(program.maker(engine)(list(range(cells))).train())
        step(x, y)
        steps[engine] = lambda step=step, x=x, y=y: step(x, y)
    least = _least_seconds(steps)
    return least[name] / sizes[name], least[TORCH] / sizes[TORCH]


def _least_seconds(steps: dict[str, Callable[[], None]]) -> dict[str, float]:
    least, start = dict.fromkeys(steps, float("inf")), perf_counter()
    for _ in range(TIMED_ROUNDS):
        for name, step in steps.items():
            before = perf_counter()
            step()
            least[name] = min(least[name], perf_counter() - before)
        if perf_counter() - start > TIMED_SECONDS:
            break
    return least
