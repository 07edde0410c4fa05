"""A stack of cells -> rows: the story of the program, top to bottom."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from io import BytesIO
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import torch
from safetensors.torch import save
from torch import Tensor

from lsbench.data.augment import make_augment
from lsbench.data.counts import count_parts, told
from lsbench.data.dataset import Dataset, load, split
from lsbench.data.describe import describe
from lsbench.errors import InputError
from lsbench.models.build import build
from lsbench.models.stack import StackedModel
from lsbench.names import resolve
from lsbench.names.catalogue import METRICS, NOISES
from lsbench.noise import NoiseRecord, flip_labels, noise_record
from lsbench.noise.files import base_kind
from lsbench.noise.inputs import inputs_of
from lsbench.planning.plan import Stack, code_of, sources_of
from lsbench.rows import provenance
from lsbench.rows.row import Row
from lsbench.rows.store import logits_path, model_path, write_atomically
from lsbench.seeding import global_stream, stream
from lsbench.spec import NO_NOISE, Cell, Place
from lsbench.training.batches import Examples
from lsbench.training.examine import Finding, as_tensor, examine, finite
from lsbench.training.loop import train
from lsbench.training.measure import Numbers, Seen, Subjects, look, measure
from lsbench.training.objective import Objective
from lsbench.training.precision import arithmetic

MEASURED_ONCE = {name for name, metric in METRICS.items() if not metric.each_epoch}

OnEpoch = Callable[[int], None]  # told how many epochs are done


def run_stack(cells: Stack, place: Place, on_epoch: OnEpoch = lambda _: None) -> list[Row]:
    """Train the cells of a stack as one program and measure each; one row per cell, in order."""
    first = cells[0]
    known = describe(first.dataset, place.data_dir)
    if (found := known.fingerprint) != first.fingerprint:
        raise InputError(
            f"the files of {first.dataset!r} have changed: {first.fingerprint} was planned, {found} is there"
        )
    for cell in cells:
        if (here := sources_of(cell.model, cell.noise, cell.loss, known)) != cell.sources:
            raise InputError(f"your own code has changed since this was planned: {cell.sources} then, {here} now")
    data = load(first.dataset, place.data_dir)
    start = perf_counter()
    labels, records = zip(*(corrupt(data, cell, place.data_dir) for cell in cells), strict=True)
    subjects = gather_subjects(data, labels, cells, place.device)
    seeds = [cell.seed for cell in cells]
    model = build(first.model, data.shape, data.num_classes, seeds).to(place.device)
    augment = make_augment(first.recipe.augment, data.mean, data.sd) if first.recipe.augment else None
    examples = Examples(subjects.images, subjects.given, subjects.train, seeds, augment)
    matrices = torch.stack([as_tensor(of.matrix, data.images).float() for of in records]).to(place.device)
    objective = Objective(cells, matrices, len(data.labels))
    links = [resolve.loss(cell.loss).link for cell in cells]
    epochs: list[list[Numbers]] = []
    findings: list[Finding] = []
    with global_stream(first.seed, "dropout"):  # for what draws from torch's own generator in a user's model
        for losses in train(model, examples, objective, first.recipe):
            last = len(epochs) + 1 == first.recipe.all_epochs
            seen = look(model, subjects, links)
            numbers = measure(seen, model, subjects, last=last)
            epochs.append([{"train_loss": value, **of} for value, of in zip(losses.tolist(), numbers, strict=True)])
            if last:
                findings = examine(seen, [of.matrix for of in records])
                epochs[-1] = [{**of, **own} for of, own in zip(epochs[-1], own_metrics(seen, place), strict=True)]
                save_logits(seen, cells, place.logits)
                save_models(model, cells, place.models)
            on_epoch(len(epochs))
    seconds = (perf_counter() - start) / len(cells)
    origin = {**provenance.collect(), **machine_of(place.device, first.recipe.precision), **metric_code(place)}
    counted = [{**of, **told(known)} for of in count_all(subjects, known.class_names, data.num_classes)]
    rows = [
        make_row(cells, i, [of[i] for of in epochs], records[i], findings[i], counted[i]) for i in range(len(cells))
    ]
    made = [{**origin, **({"code": code} if (code := code_of(cell)) else {})} for cell in cells]
    return [
        replace(row, seconds=seconds, provenance=of, warnings=place.doubts_of(row.cell))
        for row, of in zip(rows, made, strict=True)
    ]


def corrupt(data: Dataset, cell: Cell, data_dir: Path | None = None) -> tuple[Tensor, NoiseRecord]:
    """The cell's labels for the whole training set, held-out examples included, and their label-noise record."""
    given, common = data.labels, (cell.noise_rate, data.num_classes, stream(cell.seed, "noise"))
    if base_kind(cell.noise) in NOISES:
        inputs = inputs_of(cell.noise, describe(cell.dataset, data_dir), data)
        given = flip_labels(given, *common, cell.noise, **inputs)
    elif cell.noise != NO_NOISE:
        given = resolve.load_any("noise", cell.noise)(given.clone(), *common)
    return given.to("cpu", torch.int64), noise_record(
        data.labels, given, kind=cell.noise, rate=cell.noise_rate, num_classes=data.num_classes, seed=cell.seed
    )


def gather_subjects(data: Dataset, labels: Sequence[Tensor], cells: Stack, device: str) -> Subjects:
    """All that the stack trains on and is measured on, moved to the device once."""
    train_indices, val_indices = zip(
        *(split(len(data.labels), cell.val, cell.seed, cell.train_size, data.val_count) for cell in cells), strict=True
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


def count_all(subjects: Subjects, classes: Sequence[str], num_classes: int) -> list[dict[str, Any]]:
    """Per cell, the examples of each class that it trains on, holds out and is tested on."""
    s = subjects
    return [
        count_parts(given[train], given[val], s.test_labels, classes, num_classes)
        for given, train, val in zip(s.given, s.train, s.val, strict=True)
    ]


def make_row(
    cells: Stack, i: int, epochs: list[Numbers], noise: NoiseRecord, finding: Finding, data: dict[str, Any]
) -> Row:
    """The i-th cell's row; `diverged` where a training loss or a measured number stopped being finite."""
    curves = {name: [finite(of[name]) for of in epochs] for name in epochs[0] if name not in MEASURED_ONCE}
    bad = next((i for i, of in enumerate(epochs) if finite(of["train_loss"]) is None or of["accuracy"] is None), None)
    return Row(
        cell=cells[i],
        status="ok" if bad is None else "diverged",
        error=None if bad is None else f"the loss was not finite in epoch {bad + 1}; try a smaller --lr or --clip",
        metrics={name: None if bad is not None else finite(value) for name, value in epochs[-1].items()},
        curves=curves,
        noise_record=asdict(noise),
        stack=[cell.id for cell in cells],
        data=data,
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


def metric_code(place: Place) -> dict[str, Any]:
    """A hash of each of the user's metrics, so that a later run can tell that one was edited."""
    return (
        {"metric_code": code} if (code := {name: resolve.source_of("metric", name) for name in place.metrics}) else {}
    )


def own_metrics(seen: Seen, place: Place) -> list[Numbers]:
    """Per cell, the user's metrics f(probs (n, K), labels (n,)) -> number, of the test set after the last epoch.

    A cell whose probs are not numbers has None for them: their functions need not take NaN.
    """
    functions = {name: resolve.load_any("metric", name) for name in place.metrics}
    return [
        {name: None if probs.isnan().any() else finite(float(of(probs, labels))) for name, of in functions.items()}
        for probs, labels in zip(seen.test.exp(), seen.test_labels, strict=True)
    ]


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


def save_models(model: StackedModel, cells: Stack, folder: Path | None) -> None:
    """Each cell's weights as `<id>.safetensors`, where a folder is given: named as in the plain module."""
    for i, cell in enumerate(cells):
        if folder is None:
            return
        state = {name: value.detach().cpu().contiguous() for name, value in model.copy_state(i).items()}
        write_atomically(model_path(cell.id, folder), save(state))
