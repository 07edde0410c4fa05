"""Which engine computes the steps of a stack: torch, or one of the table `lsbench.names.catalogue.engines`.

An engine with layers of its own is taken where it can train every cell of the stack and passes its trial
(`lsbench.training.engine_trial`). One that takes the steps of torch's own networks otherwise (`takes_steps`) compares
itself with torch while it trains. Results differ by rounding alone, so the id of a cell does not tell engines apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from lsbench.data.dataset import Dataset
from lsbench.models.stack import StackedModel
from lsbench.names.catalogue.engines import AUTO, STEP_ENGINES, TORCH, StepEngineEntry
from lsbench.planning.engine_stacks import DEVICE_NAMES
from lsbench.planning.stacks import Stack
from lsbench.spec import Cell, Place
from lsbench.training.convolution_forms import choose_forms, forms_of
from lsbench.training.engine_trial import Maker, Program, trial

OWN_CODE = ("loss", "model")  # the sources of a cell that a step runs


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


def _tried(name: str, program: Program, *, is_timed: bool) -> Chosen:
    """The engine if it passes its trial, else torch."""
    result = trial(name, program, is_timed=is_timed)
    return Chosen(name, result.why, program.threads) if result.passed else Chosen(TORCH, f"{name}: {result.why}")
