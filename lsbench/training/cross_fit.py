"""What the network of a cell is trained with: its loss, labels and noise matrix, after a cross-fit if it asks for one.

A cross-fit: the training part is cut into K folds by the stream `cross-fit`; K networks are trained as the cell is,
each on all folds but one, and predict that one after the last epoch. So every training example is predicted by a
network that has not seen it. Cells of a stack share the networks that they have in common, see `Cell.fit`. Each network
starts anew: its weights, order and average of weights, and what its loss remembers.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lsbench.data import fold_draw
from lsbench.data.augment import make_augment
from lsbench.data.dataset import Dataset
from lsbench.data.describe import Description
from lsbench.errors import InputError
from lsbench.names import resolve
from lsbench.names.catalogue import LOSSES
from lsbench.names.cross_fit import INNER
from lsbench.names.registry import load
from lsbench.noise import Cleaned, NoiseRecord, estimate_matrix, estimate_noise
from lsbench.noise.transition import LARGEST_CONDITION, condition_number
from lsbench.noise.weak import surest_disagreement, weakness
from lsbench.planning.sources import read_own_matrix
from lsbench.planning.stacks import Stack, fits_of
from lsbench.rows.status import CLEANED_RIGHT, WEAK
from lsbench.seeding import global_stream, stream
from lsbench.spec import Arm, Cell, Fit, is_oracle
from lsbench.training.after_training import as_tensor
from lsbench.training.batches import Examples
from lsbench.training.class_balance import balanced
from lsbench.training.devices import clock
from lsbench.training.loop import train
from lsbench.training.predict import EvaluationData, predict_logits, to_log_probs
from lsbench.training.step_engine import BY_TORCH, Chosen, network

MOST_KEPT = 4  # groups of cross-fits
OnEpochs = Callable[[int], None]  # told of how many networks an epoch has ended


@dataclass(frozen=True)
class Supervision:
    """What the last network of a cell is trained with."""

    loss: Arm
    labels: Tensor  # (n,), on the device
    matrix: Tensor  # (K, K) float64 on the CPU, P(given | true), for a loss that is given it
    kept: Tensor | None = None  # (n,), on the device: which examples are trained on; None where all are
    cleaning: dict[str, Any] = field(default_factory=dict)  # for the row
    refusal: tuple[str, str] | None = None  # status and error of a cell that can't be trained
    seconds: float = 0.0  # that the networks before it took, though other cells share them


@dataclass(frozen=True)
class OutOfFold:
    """What the networks of one cross-fit predict, each for the fold that it was not trained on."""

    log_probs: Tensor  # (m, K) float64, on the CPU, in the order of the cell's training examples
    seconds: float


def supervise(
    cells: Stack,
    dataset: Dataset,
    description: Description,
    data: EvaluationData,
    records: Sequence[NoiseRecord],
    on_epochs: OnEpochs = lambda _: None,
    engine: Chosen = BY_TORCH,
) -> list[Supervision]:
    """What each cell of a stack is trained with; trains the networks that come before the cells' own."""
    predicted = cross_fits(cells, dataset, data, on_epochs, engine)
    made = []
    for i, cell in enumerate(cells):
        own = Supervision(cell.arm.last, data.given[i], _given_matrix(cell, dataset, description, records[i]))
        if cell.fit is not None:
            own = _after(own, cell, predicted[cell.fit], data.train[i], data.clean)
        made.append(_with_inverse(_relabelled(own, dataset), cell))
    return made


def kept_of(supervision: Sequence[Supervision]) -> Tensor | None:
    """Which examples each cell of a stack is trained on, (cells, n); None where all cells are trained on all."""
    if all(own.kept is None for own in supervision):
        return None
    everything = torch.ones_like(supervision[0].labels, dtype=torch.bool)
    return torch.stack([everything if own.kept is None else own.kept for own in supervision])


def cross_fits(
    cells: Stack,
    dataset: Dataset,
    data: EvaluationData,
    on_epochs: OnEpochs = lambda _: None,
    engine: Chosen = BY_TORCH,
) -> dict[Fit, OutOfFold]:
    """The predictions of every cross-fit that a stack needs, each made once; those of equally large folds together.

    Stacks of one cell follow each other in a process: what was made last is kept for the next, to the same bits.
    """
    fits = fits_of(cells)
    places = {fit: next(i for i, cell in enumerate(cells) if cell.fit == fit) for fit in fits}
    predicted: dict[Fit, OutOfFold] = {}
    folds_by_fit = {fit: _folds_of(fit, data.train[places[fit]].cpu(), dataset.units) for fit in fits}
    for number, alike in _by_sizes(folds_by_fit):
        key = (*alike, str(data.given.device), torch.get_num_threads(), engine.name)
        if key in _recent:
            on_epochs(len(alike) * number * cells[0].recipe.all_epochs)
        else:
            own_folds = [folds_by_fit[fit] for fit in alike]
            rows = [places[fit] for fit in alike]
            _keep(key, _cross_fit(alike, own_folds, dataset, data, rows, on_epochs, engine))
        predicted |= zip(alike, _recent[key], strict=True)
    return predicted


_recent: dict[tuple, list[OutOfFold]] = {}  # by cross-fits that were made together, and where


def _keep(key: tuple, made: list[OutOfFold]) -> None:
    while len(_recent) >= MOST_KEPT:
        del _recent[next(iter(_recent))]
    _recent[key] = made


def _by_sizes(folds_by_fit: Mapping[Fit, Sequence[Tensor]]) -> Iterator[tuple[int, list[Fit]]]:
    """The fits whose folds are equally large, which may be trained as one program, and how many folds these have."""
    fits_by_sizes: dict[tuple[int, ...], list[Fit]] = {}
    for fit, folds in folds_by_fit.items():
        fits_by_sizes.setdefault(tuple(map(len, folds)), []).append(fit)
    yield from ((len(sizes), fits) for sizes, fits in fits_by_sizes.items())


def _folds_of(fit: Fit, train: Tensor, units: np.ndarray | None) -> list[Tensor]:
    """The folds of one fit's training examples (m,); units (n,): of all examples, see `lsbench.data.units`."""
    own_units = None if units is None else units[train.numpy()]
    if own_units is not None and (count := len(np.unique(own_units))) < fit.folds:
        raise InputError(
            f"{count} groups of training examples are too few for {fit.folds} folds inside a cell; give smaller groups"
        )
    return folds_of(fit.cell.seed, len(train), fit.folds, own_units)


def folds_of(seed: int, count: int, folds: int, units: np.ndarray | None = None) -> list[Tensor]:
    """The places 0 .. count - 1 in random order, cut into folds whose sizes differ by at most one.

    units (count,): places with the same number share a fold, so that the sizes may differ by more.
    """
    order = torch.randperm(count, generator=stream(seed, "cross-fit"))
    fold_of = torch.from_numpy(fold_draw.folds_of(order.numpy(), folds, units))[order]
    return [order[fold_of == fold] for fold in range(folds)]


def _cross_fit(
    fits: Sequence[Fit],
    own_folds: Sequence[Sequence[Tensor]],
    dataset: Dataset,
    data: EvaluationData,
    rows: Sequence[int],
    on_epochs: OnEpochs,
    engine: Chosen,
) -> list[OutOfFold]:
    """Train one fold after the other, of all fits together; rows: of `data`, where the labels of each are."""
    start, cells = clock(data.given.device.type), [fit.cell for fit in fits]
    given, indices = data.given[list(rows)], data.train[list(rows)]
    log_probs = torch.empty(*indices.shape, dataset.num_classes, dtype=torch.float64, device=given.device)
    for k in range(fits[0].folds):
        held_out = torch.stack([folds[k] for folds in own_folds]).to(given.device)  # (fits, f) places
        others = [torch.cat([*folds[:k], *folds[k + 1 :]]).sort().values for folds in own_folds]
        trained = indices.gather(1, torch.stack(others).to(given.device))
        tested = indices.gather(1, held_out)
        predicted = _train_and_predict(cells, dataset, data, given, trained, tested, on_epochs, engine)
        log_probs.scatter_(1, held_out.unsqueeze(-1).expand_as(predicted), predicted)
    seconds = (clock(data.given.device.type) - start) / len(fits)
    return [OutOfFold(own, seconds) for own in log_probs.cpu()]


def _train_and_predict(
    cells: Sequence[Cell],
    dataset: Dataset,
    data: EvaluationData,
    given: Tensor,
    trained: Tensor,
    held_out: Tensor,
    on_epochs: OnEpochs,
    engine: Chosen,
) -> Tensor:
    """One network per cell, trained on the examples `trained` (cells, m); log-probs (cells, f, K) of `held_out`."""
    first, seeds = cells[0], [cell.seed for cell in cells]
    model = network(engine, first, dataset, seeds, given.device)
    augment = make_augment(first.recipe.augment, dataset.mean, dataset.sd) if first.recipe.augment else None
    examples = Examples(data.images, given, trained, seeds, augment)
    matrices = torch.eye(dataset.num_classes, device=given.device).repeat(len(cells), 1, 1)
    losses = [cell.arm for cell in cells]
    examples, objective = balanced(examples, losses, matrices, first.recipe, data.class_weights)
    logits = torch.empty(0)
    with global_stream(first.seed, "dropout"):  # for what draws from torch's own generator in a user's model
        for epoch, _ in enumerate(train(model, examples, objective, first.recipe), 1):
            if epoch == first.recipe.all_epochs:  # here the model has its averaged weights, if there are any
                logits = predict_logits(model, data.images, held_out)
            on_epochs(len(cells))
    links = (resolve.loss(cell.loss).link for cell in cells)
    return torch.stack([to_log_probs(own, link) for own, link in zip(logits, links, strict=True)])


def _given_matrix(cell: Cell, dataset: Dataset, description: Description, record: NoiseRecord) -> Tensor:
    """The noise matrix that a cell is handed: the true one of an oracle, the user's; else none, the identity."""
    if is_oracle(cell.arm):
        return as_tensor(record.matrix, torch.empty(0))
    if cell.arm.matrix_file:
        return torch.from_numpy(read_own_matrix(cell.arm, description))
    return torch.eye(dataset.num_classes, dtype=torch.float64)


def _after(own: Supervision, cell: Cell, predicted: OutOfFold, train_indices: Tensor, clean: Tensor) -> Supervision:
    """The same, with what the predictions of the training examples (m,) lead to."""
    own = replace(own, seconds=predicted.seconds)
    if not predicted.log_probs.isfinite().all():
        error = "the networks that are trained first gave numbers that are not finite; try a smaller --lr or --clip"
        return replace(own, refusal=("diverged", error))
    probs, given = predicted.log_probs.exp(), own.labels[train_indices].cpu()
    right = clean[train_indices].cpu()
    if not LOSSES[cell.loss].cleans:
        matrix = estimate_matrix(probs, given)
        record = _matrix_record(probs, given, right, matrix) | {WEAK: weakness_of(probs, given)}
        return replace(own, matrix=matrix, cleaning=record)
    cleaned: Cleaned = load(LOSSES[cell.loss].cleans)(probs, given, **_options(cell))
    labels, kept = own.labels.clone(), torch.zeros_like(own.labels, dtype=torch.bool)
    labels[train_indices] = cleaned.labels.to(labels.device)
    kept[train_indices] = cleaned.kept.to(kept.device)
    record = _cleaning_record(cleaned, given, right, probs.shape[-1]) | {WEAK: weakness_of(probs, given)}
    return replace(own, labels=labels, kept=None if bool(cleaned.kept.all()) else kept, cleaning=record)


def _relabelled(own: Supervision, dataset: Dataset) -> Supervision:
    """The same with labels that predictions changed, trained on in any case; what given labels led to stays."""
    labels = dataset.trained_on(own.labels)
    kept = None if own.kept is None else own.kept | (labels != own.labels)
    return replace(own, labels=labels, kept=kept)


def weakness_of(probs: Tensor, given: Tensor) -> str:
    """Why predictions (m, K) that no network has learnt are too weak to tell of the given labels (m,); else nothing."""
    p, labels = probs.numpy(), given.numpy()
    accuracy, majority = float((p.argmax(-1) == labels).mean()), float(np.bincount(labels).max() / len(labels))
    return weakness(accuracy, majority, surest_disagreement(p, labels, np.ones(len(labels))), len(labels))


def warnings_of(cell: Cell, cleaning: Mapping[str, Any]) -> list[str]:
    """What makes the numbers of a cell doubtful for what its first networks led to."""
    too_weak = f"{cell.arm.name}: the networks that are trained first are too weak to tell wrong labels from their own"
    return [f"{too_weak} mistakes, so that right labels may be treated as wrong ones"] if cleaning.get(WEAK) else []


def _options(cell: Cell) -> dict[str, Any]:
    """What the function that cleans the labels takes beside predictions and labels."""
    return {name: value for name, value in cell.hyper if name.partition(".")[0] not in (*INNER, "folds")}


def _matrix_record(probs: Tensor, given: Tensor, right: Tensor, matrix: Tensor) -> dict[str, Any]:
    rate = estimate_noise(probs, given).rate
    truth = {"wrong": int((given != right).sum())}
    return {"examples": len(given), "rate": rate, "matrix": matrix.tolist(), CLEANED_RIGHT: truth}


def _cleaning_record(cleaned: Cleaned, given: Tensor, right: Tensor, num_classes: int) -> dict[str, Any]:
    """What was left out or changed, by given class; under `truth` how many of these labels were wrong."""
    dropped, changed, wrong = ~cleaned.kept, cleaned.labels != given, given != right
    return {
        "examples": len(given),
        "dropped": int(dropped.sum()),
        "dropped_by_class": torch.bincount(given[dropped], minlength=num_classes).tolist(),
        "changed": int(changed.sum()),
        "changed_by_class": torch.bincount(given[changed], minlength=num_classes).tolist(),
        CLEANED_RIGHT: {
            "wrong": int(wrong.sum()),
            "dropped_wrong": int((dropped & wrong).sum()),
            "changed_wrong": int((changed & wrong).sum()),
            "changed_to_right": int((changed & (cleaned.labels == right)).sum()),
        },
    }


def _with_inverse(own: Supervision, cell: Cell) -> Supervision:
    """The same, or refused where the loss inverts a matrix whose inverse magnifies too much."""
    condition = condition_number(own.matrix.numpy()) if resolve.loss(cell.loss).inverts else 0.0
    if condition <= LARGEST_CONDITION or own.refusal:
        return own
    error = (
        f"the noise matrix has a condition number of {condition:.3g}, and {cell.loss} correction takes at most"
        f" {LARGEST_CONDITION:g}, as its inverse magnifies losses about as much; try forward"
    )
    return replace(own, matrix=torch.eye(len(own.matrix), dtype=torch.float64), refusal=("failed", error))
