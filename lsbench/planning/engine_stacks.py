"""How many cells an engine other than torch trains at once, as far as that is known without torch."""

import sys
from collections.abc import Iterable
from pathlib import Path

from lsbench.data.describe import describe
from lsbench.errors import InputError, require_choice
from lsbench.names import resolve
from lsbench.names.catalogue import MODELS
from lsbench.names.catalogue.engines import AUTO, STEP_ENGINE_WORDS, STEP_ENGINES, TORCH, StepEngineEntry
from lsbench.names.reference import parse
from lsbench.names.registry import load
from lsbench.rows.provenance import usable_cores
from lsbench.spec import Cell

DEVICE_NAMES = {"cpu": "a CPU", "cuda": "a GPU"}


def cells_at_once(cell: Cell, cells: int, device: str, engine: str, data_dir: Path | None) -> int:
    """How large stacks are made for an engine that is likely to train them; 0 where torch is.

    Unasked an engine is given the models of the catalogue that are for it, and the user's that have its layers alone.
    """
    for name in likely_engines(device, engine):
        entry = STEP_ENGINES[name]
        asked = engine == name
        if entry.takes_steps:
            continue  # in torch's own stacks
        if cells >= (2 if asked else entry.fewest) and (asked or _suits(name, entry, cell, data_dir)):
            return 0 if entry.missing() else _size(entry, cells)
    return 0


def _size(entry: StepEngineEntry, cells: int) -> int:
    """The most cells of a stack; half of them where more cores would have nothing to do."""
    best = entry.best_cells()
    stacks = -(-cells // best)
    return best if usable_cores() <= entry.threads * stacks else best // 2


def likely_engines(device: str, engine: str) -> list[str]:
    """The engines beside torch that these words allow."""
    names = [] if engine == TORCH else list(STEP_ENGINES) if engine == AUTO else [engine]
    return [name for name in names if STEP_ENGINES[name].device == device]


def _suits(name: str, entry: StepEngineEntry, cell: Cell, data_dir: Path | None) -> bool:
    model = parse(cell.model).name
    if entry.precisions and cell.recipe.precision not in entry.precisions:
        return False
    if model in MODELS:
        return name in MODELS[model].engines
    is_own = not model.startswith(resolve.TORCHVISION)
    if not is_own or resolve.model(model).stack_cpu > 1 or "torch" not in sys.modules:
        return False  # the user's code imports torch, or is no network
    data = describe(cell.dataset, data_dir)
    return load(entry.takes)(cell.model, data.shape, data.num_classes)


def engine_asked(word: str | None, device: str) -> str:
    """The word for an engine, auto without one; `InputError` for one that is unknown, or that can't run here."""
    engine = AUTO if word is None else word
    require_choice("--engine", engine, tuple(STEP_ENGINE_WORDS))
    if engine in STEP_ENGINES:
        entry = STEP_ENGINES[engine]
        if device != entry.device:
            there, here = DEVICE_NAMES.get(entry.device, entry.device), DEVICE_NAMES.get(device, device)
            raise InputError(f"--engine {engine} runs on {there}, and this runs on {here}; try --engine {AUTO}")
        if reason := entry.missing():
            raise InputError(f"--engine {engine} can't run here: {reason}; try --engine {AUTO}")
    return engine


def missing_engine(cells: Iterable[Cell], device: str, engine: str) -> str:
    """Why models of these cells are trained by torch that an engine would train faster; "" where none is missed."""
    models = {parse(cell.model).name for cell in cells} & MODELS.keys()
    for name in likely_engines(device, engine):
        wanted = {model for model in models if name in MODELS[model].engines}
        if wanted and (reason := STEP_ENGINES[name].missing()):
            return f"torch trains {' and '.join(sorted(wanted))}; the engine {name} would be faster: {reason}"
    return ""
