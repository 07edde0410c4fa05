"""A stack of cells -> rows: the story of the program, top to bottom."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from io import BytesIO
from itertools import groupby
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import torch
from safetensors.torch import save
from torch import Tensor

from lsbench import provenance
from lsbench.catalogue import DATASETS, LOSSES, METRICS
from lsbench.data.dataset import Dataset, load, split
from lsbench.data.sources import fingerprint
from lsbench.errors import InputError
from lsbench.examine import Finding, examine, finite
from lsbench.losses import LOSSES as FUNCTIONS
from lsbench.measure import Numbers, Seen, Subjects, look, measure
from lsbench.models.build import build
from lsbench.models.stack import StackedModel
from lsbench.noise import Passport, flip_labels, passport
from lsbench.plan import Stack
from lsbench.precision import arithmetic
from lsbench.seeding import stream
from lsbench.spec import NO_NOISE, Cell, Place
from lsbench.store import Row, logits_path, model_path, write_atomically
from lsbench.train import Examples, Objective, train

MEASURED_ONCE = {name for name, metric in METRICS.items() if not metric.each_epoch}

OnEpoch = Callable[[int], None]  # told how many epochs are done


def run_stack(cells: Stack, place: Place, on_epoch: OnEpoch = lambda _: None) -> list[Row]:
    """Train the cells of a stack as one program and measure each; one row per cell, in order."""
    first = cells[0]
    if (found := fingerprint(first.dataset, place.data_dir)) != first.fingerprint:
        raise InputError(
            f"the files of {first.dataset!r} have changed: {first.fingerprint} was planned, {found} is there"
        )
    data = load(first.dataset, place.data_dir)
    start = perf_counter()
    labels, passports = zip(*(corrupt(data, cell) for cell in cells), strict=True)
    subjects = gather_subjects(data, labels, cells, place.device)
    model = build(first.model, data.shape, data.num_classes, [c.seed for c in cells]).to(place.device)
    examples = Examples(subjects.images, subjects.given, subjects.train, [c.seed for c in cells])
    links = [LOSSES[cell.loss].link for cell in cells]
    epochs: list[list[Numbers]] = []
    findings: list[Finding] = []
    for losses in train(model, examples, make_objective(cells, place.device), first.recipe):
        last = len(epochs) + 1 == first.recipe.epochs
        seen = look(model, subjects, links)
        numbers = measure(seen, model, subjects, last=last)
        epochs.append([{"train_loss": value, **of} for value, of in zip(losses.tolist(), numbers, strict=True)])
        if last:
            findings = examine(seen, [of.matrix for of in passports])
            save_logits(seen, cells, place.logits)
        on_epoch(len(epochs))
    seconds = (perf_counter() - start) / len(cells)
    if place.models:
        save_models(model, cells, place.models)
    origin = {**provenance.collect(), **machine_of(place.device, first.recipe.precision)}
    rows = (make_row(cells, i, [of[i] for of in epochs], passports[i], findings[i]) for i in range(len(cells)))
    return [replace(row, seconds=seconds, provenance=origin) for row in rows]


def corrupt(data: Dataset, cell: Cell) -> tuple[Tensor, Passport]:
    """The cell's labels for the whole training set, held-out examples included, and their passport."""
    given = data.labels
    if cell.noise != NO_NOISE:
        mapping = DATASETS[cell.dataset].asymmetric if cell.noise == "asymmetric" else None
        generator = stream(cell.seed, "noise")
        given = flip_labels(given, cell.noise_rate, data.num_classes, generator, cell.noise, mapping=mapping)
    return given, passport(
        data.labels, given, kind=cell.noise, rate=cell.noise_rate, num_classes=data.num_classes, seed=cell.seed
    )


def gather_subjects(data: Dataset, labels: Sequence[Tensor], cells: Stack, device: str) -> Subjects:
    """All that the stack trains on and is measured on, moved to the device once."""
    train_indices, val_indices = zip(
        *(split(len(data.labels), cell.val, cell.seed, cell.train_size) for cell in cells), strict=True
    )
    return Subjects(
        images=data.images.to(device),
        given=torch.stack(list(labels)).to(device),
        clean=data.labels.to(device),
        train=torch.stack(train_indices).to(device),
        val=torch.stack(val_indices).to(device),
        test_images=data.test_images.to(device),
        test_labels=data.test_labels.to(device),
    )


def make_objective(cells: Stack, device: str) -> Objective:
    """Every cell's own loss: neighbours with the same one are computed together, each with its own hyperparameters."""
    parts = []
    for loss, group in groupby(cells, key=lambda cell: cell.loss):
        mates = [dict(cell.hyper) for cell in group]
        hyper = {name: _of_all([mate[name] for mate in mates], device) for name in mates[0]}
        parts.append((FUNCTIONS[loss], hyper, len(mates)))
    if len(parts) == 1:
        function, hyper, _ = parts[0]
        return lambda logits, labels: function(logits, labels, **hyper)
    sizes = [size for *_, size in parts]

    def objective(logits: Tensor, labels: Tensor) -> Tensor:
        slices = zip(parts, logits.split(sizes), labels.split(sizes), strict=True)
        return torch.cat([function(z, y, **hyper) for (function, hyper, _), z, y in slices])

    return objective


def _of_all(values: Sequence[float], device: str) -> float | Tensor:
    """One number where all cells share it, which losses take faster, else a column with one per cell."""
    return values[0] if len(set(values)) == 1 else torch.tensor(values, device=device).unsqueeze(1)


def make_row(cells: Stack, i: int, epochs: list[Numbers], noise: Passport, finding: Finding) -> Row:
    """The i-th cell's row; `diverged` where a training loss or a measured number stopped being finite."""
    curves = {name: [finite(of[name]) for of in epochs] for name in epochs[-1] if name not in MEASURED_ONCE}
    bad = next((i for i, of in enumerate(epochs) if finite(of["train_loss"]) is None or of["accuracy"] is None), None)
    return Row(
        cell=cells[i],
        status="ok" if bad is None else "diverged",
        error=None if bad is None else f"the loss was not finite in epoch {bad + 1}; try a smaller --lr or --clip",
        metrics={name: None if bad is not None else finite(value) for name, value in epochs[-1].items()},
        curves=curves,
        passport=asdict(noise),
        stack=[cell.id for cell in cells],
        **({} if bad is not None else vars(finding)),
    )


def machine_of(device: str, precision: str) -> dict[str, Any]:
    """What of the hardware and its use may change the last bits of a result."""
    name, error = arithmetic(precision, device)
    return {
        "arithmetic": name,
        "matmul_error": error,
        "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
    }


def save_logits(seen: Seen, cells: Stack, folder: Path | None) -> None:
    """Each cell's log-probs and labels as `<id>.npz`, where a folder is given: readable with numpy alone."""
    for i, cell in enumerate(cells):
        if folder is None:
            return
        arrays = {name: of[i].cpu().numpy() for name, of in vars(seen).items()}
        content = BytesIO()
        np.savez_compressed(
            content, **{k: v.astype(np.float32 if v.dtype == float else v.dtype) for k, v in arrays.items()}
        )
        write_atomically(logits_path(cell.id, folder), content.getvalue())


def save_models(model: StackedModel, cells: Stack, folder: Path) -> None:
    """Each cell's weights as `<id>.safetensors`, named as in the plain `nn.Sequential`."""
    for i, cell in enumerate(cells):
        state = {name: value.detach().cpu().contiguous() for name, value in model.copy_state(i).items()}
        write_atomically(model_path(cell.id, folder), save(state))
