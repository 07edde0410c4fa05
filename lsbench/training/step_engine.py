"""Which engine computes the steps of a stack: torch, or one of the table `lsbench.names.catalogue.engines`.

An engine with layers of its own is taken where it can train every cell of the stack, gives what torch gives in three
steps, and, unless it was asked for by name, is faster here. One that takes the steps of torch's own networks otherwise
(`takes_steps`) compares itself with torch while it trains. Results differ by rounding alone, so the id of a cell does
not tell engines apart.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from time import perf_counter
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from lsbench.data.dataset import Dataset
from lsbench.models.stack import StackedModel, build
from lsbench.names import resolve
from lsbench.names.catalogue.engines import AUTO, STEP_ENGINES, TORCH, StepEngineEntry
from lsbench.names.reference import parse
from lsbench.names.registry import load
from lsbench.planning.engine_stacks import DEVICE_NAMES
from lsbench.planning.stacks import Stack
from lsbench.spec import Cell, Place
from lsbench.training.convolution_forms import choose_forms, forms_of
from lsbench.training.eager_optimizer import eager

TRIED_STEPS, TRIED_EXAMPLES = 3, 6  # of the comparison with torch
LARGEST_ERROR = 1e-5  # of the typical cell after these steps, of a number or relative to the largest of its tensor
LARGEST_KINK = 1e-3  # of any cell: where rounding puts an input of a ReLU on its other side, cells part by some 1e-5
TIMED_SECONDS, TIMED_ROUNDS = 1.0, 3
OWN_CODE = ("loss", "model")  # the sources of a cell that a step runs


Maker = Callable[[Sequence[int]], StackedModel]  # seeds -> a stack with a copy for each


class NotTaken(Exception):  # noqa: N818 - no error: torch trains what an engine does not take
    """Why an engine can't train a stack."""


@dataclass(frozen=True)
class Chosen:
    """The engine of a stack, and why it was chosen: in the rows of its cells."""

    name: str = TORCH
    why: str = ""
    threads: int = 1
    convolutions: Mapping[str, str] = field(default_factory=dict)  # path -> form, of those that are not grouped

    def as_json(self) -> dict[str, Any]:
        """Plain values for a row."""
        forms = {"convolutions": dict(self.convolutions)} if self.convolutions else {}
        return {"name": self.name, "why": self.why, "threads": self.threads, **forms}

    def after(self, model: StackedModel) -> "Chosen":
        """What did take the steps of a model, as far as the engine found out in taking them, and how."""
        own = replace(self, convolutions=forms_of(model))
        return replace(own, name=TORCH, why=f"{self.name}: {model.why_not_by}") if model.why_not_by else own


BY_TORCH = Chosen()


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


def program_of(cell: Cell, dataset: Dataset, cells: int, threads: int) -> Program:
    """The program of that many cells like this one."""
    sources = tuple(source for source in cell.sources if source[0] == "model")
    batch = min(cell.recipe.batch_size, len(dataset.labels))
    return Program(cell.model, sources, dataset.shape, dataset.num_classes, cells, batch, threads)


def maker(engine: Chosen, cell: Cell, dataset: Dataset, cells: int) -> Maker:
    """What makes the networks of that many cells like this one, given their seeds; a single one is torch's."""
    entry = STEP_ENGINES.get(engine.name)
    name = engine.name if entry is not None and (entry.takes_steps or 2 <= cells <= entry.most) else TORCH
    return program_of(cell, dataset, cells, engine.threads).maker(name)


def network(engine: Chosen, cell: Cell, dataset: Dataset, seeds: Sequence[int], device: torch.device) -> StackedModel:
    """The networks of cells like this one as one program, on the device; a GPU has its fastest convolutions."""
    model = maker(engine, cell, dataset, len(seeds))(seeds).to(device)
    batch = min(cell.recipe.batch_size, len(dataset.labels))
    choose_forms(model, dataset.shape, batch, cell.recipe.precision, device)
    return model


def choose(cells: Stack, dataset: Dataset, place: Place) -> Chosen:
    """The engine that `place` asks for where it can train these cells, else torch; and why."""
    if place.engine == TORCH:
        return Chosen(TORCH, "asked for")
    reasons = []
    program = program_of(cells[0], dataset, len(cells), place.threads)
    for name in STEP_ENGINES if place.engine == AUTO else (place.engine,):
        entry, asked = STEP_ENGINES[name], place.engine == name
        if reason := _unfit(entry, cells, place, asked=asked):
            chosen = Chosen(TORCH, f"{name}: {reason}")
        elif entry.takes_steps:
            chosen = Chosen(name, "asked for" if asked else entry.summary)
        else:
            chosen = _tried(name, program, is_timed=not asked)
        if chosen.name == name:
            return chosen
        reasons.append(chosen.why)
    return Chosen(TORCH, "; ".join(reasons))


def _unfit(entry: StepEngineEntry, cells: Stack, place: Place, *, asked: bool) -> str:
    """What rules an engine out before it is imported; "" if nothing does."""
    if place.device != entry.device:
        return f"it runs on {DEVICE_NAMES[entry.device]}"
    if entry.precisions and cells[0].recipe.precision not in entry.precisions:
        return f"it computes in float32, and the precision is {cells[0].recipe.precision}"
    if not asked and not entry.own_code and any(role in OWN_CODE for cell in cells for role, _ in cell.sources):
        return "your own code may keep numbers that a step would not renew; if it does not, ask for the engine"
    fewest = 2 if asked else entry.fewest
    if entry.most and not fewest <= len(cells) <= entry.most:
        return f"a stack of {len(cells)}; it takes {fewest} to {entry.most} cells"
    return entry.missing()


@cache
def _tried(name: str, program: Program, *, is_timed: bool) -> Chosen:
    """The engine, if it builds the program, computes what torch does, and is faster where that is asked."""
    try:
        apart = differences(name, program)
        largest = float(apart.max())
        if not (apart.median() <= LARGEST_ERROR and largest <= LARGEST_KINK):
            return Chosen(TORCH, f"{name}: {TRIED_STEPS} steps differ from torch's by {largest:.1e}")
        if not is_timed:
            return Chosen(name, f"asked for; {TRIED_STEPS} steps differ from torch's by {largest:.1e}", program.threads)
        own, torchs = seconds_per_cell(name, program)
    except NotTaken as error:
        return Chosen(TORCH, f"{name}: {error}")
    told = f"a step takes {own * 1e3:.3g} ms per cell, torch's {torchs * 1e3:.3g} ms"
    return Chosen(name, told, program.threads) if own < torchs else Chosen(TORCH, f"{name}: {told}")


def differences(name: str, program: Program) -> Tensor:
    """How far three steps of the engine and of torch part, for each cell: of logits, weights and statistics."""
    seeds = list(range(program.cells))
    models = [program.maker(each)(seeds) for each in (name, TORCH)]
    inputs, labels = _examples(program, TRIED_EXAMPLES, TRIED_STEPS + 1)
    results = [_trained(model, inputs, labels) for model in models]
    return torch.stack([_apart(own[: program.cells], other) for own, other in zip(*results, strict=True)]).amax(0)


def _trained(model: StackedModel, inputs: Sequence[Tensor], labels: Sequence[Tensor]) -> list[Tensor]:
    """Logits of the last inputs after a step on each of the others, and all that is learnt."""
    step = stepper(model.train())
    for x, y in zip(inputs[:-1], labels[:-1], strict=True):
        step(x, y)
    logits = model.eval()(inputs[-1]).detach()
    return [logits, *(value.float() for value in model.state_dict().values())]


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
