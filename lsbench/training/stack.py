"""A stack of cells -> rows: the story of the program, top to bottom."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lsbench.data.augment import make_augment
from lsbench.data.counts import class_counts, count_parts, notes_of
from lsbench.data.dataset import Dataset, load, split, split_folds
from lsbench.data.describe import Description, describe
from lsbench.errors import InputError
from lsbench.names import resolve
from lsbench.names.catalogue import NOISES
from lsbench.names.catalogue.engines import TORCH
from lsbench.names.dataset_name import quoted
from lsbench.noise import NoiseRecord, flip_labels, noise_record
from lsbench.noise.files import base_kind
from lsbench.noise.inputs import disagreement, inputs_of
from lsbench.planning.sources import code_of, read_own_weights, sources_of
from lsbench.planning.stacks import Stack, in_own_stacks
from lsbench.rows import provenance
from lsbench.rows.row import Row
from lsbench.rows.status import labels_of, only_known
from lsbench.rows.truth import TRUE_TEST
from lsbench.seeding import global_stream, stream
from lsbench.spec import NO_NOISE, TEST_NOISE, Cell, Place
from lsbench.training.after_training import (
    AfterTraining,
    measure_after_training,
    with_examples,
    with_predictions,
)
from lsbench.training.batches import Examples
from lsbench.training.class_balance import balanced
from lsbench.training.cross_fit import OnEpochs, Supervision, kept_of, supervise, warnings_of
from lsbench.training.devices import clock
from lsbench.training.loop import Objective, train
from lsbench.training.measure import Numbers, finite, is_measured_once, measure, with_own_metrics, with_true_metrics
from lsbench.training.precision import machine_of
from lsbench.training.predict import EvaluationData, Predictions, predict
from lsbench.training.save import save_logits, save_models
from lsbench.training.soft_targets import soft_labels, with_soft_targets
from lsbench.training.step_engine import Chosen, choose, network

OnEpoch = Callable[[int], None]  # told how many epochs are done, those of all networks added up


def run_stack(cells: Stack, place: Place, on_epoch: OnEpoch = lambda _: None) -> list[Row]:
    """Train the cells of a stack and measure each; one row per cell, in order.

    As one program, or where torch trains what was planned for another engine as those that torch trains best.
    """
    description = require_as_planned(cells, place)
    dataset = load(cells[0].dataset, place.data_dir)
    engine, count = choose(cells, dataset, place), counter(on_epoch)
    parts = [cells] if engine.name != TORCH else in_own_stacks(cells, place.device)
    rows = {row.id: row for part in parts for row in run_part(part, place, description, dataset, engine, count)}
    return [rows[cell.id] for cell in cells]


def run_part(
    cells: Stack, place: Place, description: Description, dataset: Dataset, engine: Chosen, count: OnEpochs
) -> list[Row]:
    """The rows of cells that are trained as one program, in order."""
    start = clock(place.device)
    labels, records = zip(*(corrupt(dataset, cell, place.data_dir) for cell in cells), strict=True)
    test_labels, test_records = zip(*(corrupt_test(dataset, cell, place.data_dir) for cell in cells), strict=True)
    data = gather(dataset, labels, test_labels, cells, place.device, own_weights(cells, description))
    before = clock(place.device)
    supervision = supervise(cells, dataset, description, data, records, count, engine)
    start += clock(place.device) - before  # each cell counts its own part of this
    epochs, after, engine = train_and_measure(cells, dataset, data, records, supervision, place, engine, count)
    seconds = (clock(place.device) - start) / len(cells)
    noises, counts = list(zip(records, test_records, strict=True)), count_all(data, cells, description)
    trained = zip(supervision, zip(*epochs, strict=True), after, strict=True)
    origin = {**provenance.collect(), **machine_of(place.device, cells[0].recipe.precision), **metric_code(place)}
    return [
        make_row(cell, own, numbers, noises[i], once, counts[i], cells, place, seconds + own.seconds, origin, engine)
        for i, (cell, (own, numbers, once)) in enumerate(zip(cells, trained, strict=True))
    ]


def require_as_planned(cells: Stack, place: Place) -> Description:
    """What is known of the data set; `InputError` where its files, or the user's own code, have changed."""
    first = cells[0]
    description = describe(first.dataset, place.data_dir)
    if (here := description.fingerprint) != first.fingerprint:
        raise InputError(
            f"the files of {quoted(first.dataset)} have changed: {first.fingerprint} was planned, {here} is there"
        )
    for cell in cells:
        if (here := sources_of(cell, description)) != cell.sources:
            raise InputError(f"your own code has changed since this was planned: {cell.sources} then, {here} now")
    return description


def train_and_measure(
    cells: Stack,
    dataset: Dataset,
    data: EvaluationData,
    records: Sequence[NoiseRecord],
    supervision: Sequence[Supervision],
    place: Place,
    engine: Chosen,
    on_epochs: OnEpochs,
) -> tuple[list[list[Numbers]], list[AfterTraining], Chosen]:
    """Per epoch and cell, the numbers of that epoch; per cell, what is measured once; what took the steps in the end.

    Saves what is to be kept.
    """
    recipe = cells[0].recipe
    model = network(engine, cells[0], dataset, [cell.seed for cell in cells], data.images.device)
    examples, objective = minimised(cells, dataset, data, supervision, place)
    links = [resolve.loss(own.loss.loss).link for own in supervision]
    epochs: list[list[Numbers]] = []
    after: list[AfterTraining] = []
    with global_stream(cells[0].seed, "dropout"):  # for what draws from torch's own generator in a user's model
        for losses in train(model, examples, objective, recipe):
            last = len(epochs) + 1 == recipe.all_epochs
            predictions = predict(model, data, links, last=last)
            numbers = measure(predictions, last=last)
            if last:
                numbers = with_own_metrics(with_true_metrics(numbers, predictions), predictions, place.metrics)
                after = measured_after(predictions, cells, dataset, data.val, records, place)
                save_logits(predictions, cells, place.logits)
                save_models(model, cells, place.models)
            epochs.append([{"train_loss": loss, **own} for loss, own in zip(losses.tolist(), numbers, strict=True)])
            on_epochs(len(cells))
    return epochs, after, engine.after(model)


def minimised(
    cells: Stack, dataset: Dataset, data: EvaluationData, supervision: Sequence[Supervision], place: Place
) -> tuple[Examples, Objective]:
    """What is trained on, and the losses that are minimised there."""
    recipe, seeds = cells[0].recipe, [cell.seed for cell in cells]
    augment = make_augment(recipe.augment, dataset.mean, dataset.sd) if recipe.augment else None
    labels = torch.stack([own.labels for own in supervision])
    examples = Examples(data.images, labels, data.train, seeds, augment, kept_of(supervision))
    matrices = torch.stack([own.matrix.float() for own in supervision]).to(place.device)
    soft, losses = soft_labels(cells, dataset, labels, place.data_dir), [own.loss for own in supervision]
    examples, objective = balanced(examples, losses, matrices, recipe, data.class_weights, soft)
    return examples, with_soft_targets(objective, soft)


def measured_after(
    predictions: Predictions, cells: Stack, dataset: Dataset, val: Tensor, records: Sequence[NoiseRecord], place: Place
) -> list[AfterTraining]:
    """Per cell, what is measured once, with what is kept of each example."""
    after = measure_after_training(predictions, [noise.matrix for noise in records])
    if place.per_example:
        after = with_examples(after, predictions, dataset.test_groups)
    return with_predictions(after, predictions, val, list(map(place.keeps_predictions, cells)), dataset.units)


def counter(on_epoch: OnEpoch) -> OnEpochs:
    """What is told of how many networks an epoch has ended, and tells the sum."""
    done = 0

    def count(networks: int) -> None:
        nonlocal done
        done += networks
        on_epoch(done)

    return count


def corrupt(dataset: Dataset, cell: Cell, data_dir: Path | None = None) -> tuple[Tensor, NoiseRecord]:
    """The cell's labels for the whole training set, held-out examples included, and their label-noise record."""
    description, draws = describe(cell.dataset, data_dir), stream(cell.label_seed, "noise")
    return _corrupted(dataset, description, cell.noise, cell.noise_rate, draws, cell.label_seed)


def corrupt_test(dataset: Dataset, cell: Cell, data_dir: Path | None = None) -> tuple[Tensor, NoiseRecord]:
    """The labels of the test set that the cell is measured against, and their record: the same whatever its seed."""
    description, draws = describe(cell.dataset, data_dir).test_part, stream(cell.test_noise_seed, TEST_NOISE)
    kind, rate = cell.test_noise, cell.test_noise_rate
    return _corrupted(dataset.test_part, description, kind, rate, draws, cell.test_noise_seed)


def _corrupted(
    dataset: Dataset, description: Description, noise: str, rate: float, draws: torch.Generator, seed: int
) -> tuple[Tensor, NoiseRecord]:
    """The labels of the data set with this noise, int64 on the CPU, and the record of it."""
    given, num_classes = dataset.labels, dataset.num_classes
    if base_kind(noise) in NOISES:
        given = flip_labels(given, rate, num_classes, draws, noise, **inputs_of(noise, description, dataset))
    elif noise != NO_NOISE:
        given = resolve.load_any("noise", noise)(given.clone(), rate, num_classes, draws)
    record = noise_record(dataset.labels, given, kind=noise, rate=rate, num_classes=num_classes, seed=seed)
    return given.to("cpu", torch.int64), record


def gather(
    dataset: Dataset,
    labels: Sequence[Tensor],
    test_labels: Sequence[Tensor],
    cells: Stack,
    device: str,
    class_weights: Tensor | None = None,
) -> EvaluationData:
    """All that the stack trains on and is measured on, moved to the device once."""
    train_indices, val_indices = zip(*(split_of(dataset, cell) for cell in cells), strict=True)
    return EvaluationData(
        images=dataset.images.to(device),
        given=torch.stack(list(labels)).to(device),
        clean=dataset.labels.to(device),
        train=torch.stack(train_indices).to(device),
        val=torch.stack(val_indices).to(device),
        test_images=dataset.test_images.to(device),
        test_labels=torch.stack(list(test_labels)).to(device),
        test_clean=dataset.test_labels.to(device),
        class_weights=None if class_weights is None else class_weights.to(device),
    )


def own_weights(cells: Stack, description: Description) -> Tensor | None:
    """The class weights (K,) float64 in the file of the recipe, where it has one."""
    recipe = cells[0].recipe
    return torch.from_numpy(read_own_weights(recipe, description)) if recipe.weights_file else None


def split_of(dataset: Dataset, cell: Cell) -> tuple[Tensor, Tensor]:
    """Indices (train, val) of a cell: by its folds, or by its share of held-out examples."""
    n = len(dataset.labels)
    if cell.folds is None:
        return split(n, cell.val, cell.seed, cell.train_size, dataset.val_count)
    return split_folds(n, cell.folds, cell.seed, cell.train_size, dataset.units)


def count_all(data: EvaluationData, cells: Stack, description: Description) -> list[dict[str, Any]]:
    """Per cell, the examples of each class that it trains on, holds out and is tested on, by their given labels."""
    classes, num_classes = description.class_names, description.num_classes
    of_cells = (part.cpu() for part in (data.given, data.train, data.val, data.test_labels))
    true_test = {TRUE_TEST: class_counts(data.test_clean, num_classes)}
    return [
        {
            **count_parts(given[train], given[val], tested, classes, num_classes),
            **(true_test if cell.test_noise_rate else {}),
            **notes_of(description, *disagreement(cell.noise, description)),
        }
        for cell, given, train, val, tested in zip(cells, *of_cells, strict=True)
    ]


def make_row(
    cell: Cell,
    supervision: Supervision,
    epochs: Sequence[Numbers],
    noises: tuple[NoiseRecord, NoiseRecord],
    after: AfterTraining,
    counts: dict[str, Any],
    stack: Stack,
    place: Place,
    seconds: float,
    origin: dict[str, Any],
    engine: Chosen,
) -> Row:
    """The cell's row; `diverged` where a training loss or a measured number stopped being finite."""
    bad = next((i for i, e in enumerate(epochs) if finite(e["train_loss"]) is None or e["accuracy"] is None), None)
    code, (noise, test_noise) = code_of(cell), noises
    row = Row(
        cell=cell,
        status="ok" if bad is None else "diverged",
        error=None if bad is None else f"the loss was not finite in epoch {bad + 1}; try a smaller --lr or --clip",
        metrics={name: None if bad is not None else finite(value) for name, value in epochs[-1].items()},
        curves={name: [finite(e[name]) for e in epochs] for name in epochs[0] if not is_measured_once(name)},
        noise_record=asdict(noise),
        test_noise_record=asdict(test_noise) if cell.test_noise_rate else {},
        cleaning=supervision.cleaning,
        networks=cell.arm.networks,
        seconds=seconds,
        engine=engine.as_json(),
        stack=[mate.id for mate in stack],
        provenance={**origin, "code": code} if code else origin,
        warnings=list(dict.fromkeys([*place.doubts_of(cell), *warnings_of(cell, supervision.cleaning)])),
        data=counts,
        labels=labels_of(cell, place.trusted),
        screening=place.screening.as_json() if place.screening else {},
        **({} if bad is not None else vars(after)),
    )
    return only_known(row if supervision.refusal is None else refused(row, *supervision.refusal))


def refused(row: Row, status: str, error: str) -> Row:
    """The row without results."""
    empty: dict[str, Any] = {"metrics": {}, "curves": {}, **vars(AfterTraining())}
    return replace(row, status=status, error=error, **empty)


def metric_code(place: Place) -> dict[str, Any]:
    """A hash of each of the user's metrics, so that a later run can tell that one was edited."""
    code = {name: resolve.source_of("metric", name) for name in place.metrics}
    return {"metric_code": code} if code else {}
