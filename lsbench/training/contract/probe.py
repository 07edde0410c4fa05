"""What `check` would say, tried in a second or so before training: what is broken is an error, doubts are stored.

Parts of this package keep their contracts by its tests, so only the user's own are tried alone. Of all parts those are
tried that may fail together: a model with a last batch of one example, a loss that inverts the noise matrix. Where
there is nothing to try, torch is not imported, and the catalogue's data sets are not read.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lsbench.data.describe import Description, describe, doubts
from lsbench.names import resolve
from lsbench.names.catalogue import LOSSES, METRICS, MODELS, NOISES
from lsbench.names.dataset_name import quoted
from lsbench.names.executed import same_search_path
from lsbench.names.reference import parse
from lsbench.noise.files import base_kind
from lsbench.planning.holding_out import examples_left
from lsbench.spec import NO_NOISE, TEST_NOISE, Cell, Doubt, is_oracle, leaves_one, require_pairs


@same_search_path()
def probe(
    cells: Iterable[Cell], data_dir: Path | None = None, metrics: Iterable[str] = (), device: str = "cpu"
) -> tuple[Doubt, ...]:
    """The doubts about the parts of these cells; `InputError`, with the sentence of `check`, for one that is broken.

    metrics: the user's own, that are to be measured. What was tried once in this process is not tried again.
    """
    cells = list(cells)
    data = {name: describe(name, data_dir) for name in dict.fromkeys(cell.dataset for cell in cells)}
    all_doubts = [
        Doubt("dataset", name, f"data set {quoted(name)}: {text}") for name in data for text in doubts(name, data_dir)
    ]
    all_doubts += _models(cells, data, device)
    all_doubts += _losses(cells, data, device)
    _noises(cells, data)
    _last_batches(cells, data, data_dir)
    _inverses(cells, data_dir)
    _metrics(metrics, data)
    return tuple(dict.fromkeys(all_doubts))


def _models(cells: Iterable[Cell], data: dict[str, Description], device: str) -> list[Doubt]:
    own: list[Doubt] = []
    for name, dataset, source in dict.fromkeys((c.model, c.dataset, _source(c, "model")) for c in cells):
        if parse(name).name not in MODELS:
            from lsbench.training.contract.trials import try_model

            description = data[dataset]
            texts = try_model(name, description.shape, description.num_classes, source, device)
            own += [Doubt("model", name, text) for text in texts]
    return own


def _losses(cells: Iterable[Cell], data: dict[str, Description], device: str) -> list[Doubt]:
    own: list[Doubt] = []
    for name, hyper, dataset, source in dict.fromkeys((c.loss, c.hyper, c.dataset, _source(c, "loss")) for c in cells):
        if name not in LOSSES:
            from lsbench.training.contract.trials import try_loss

            texts = try_loss(name, hyper, data[dataset].num_classes, source, _is_stacked(cells, name, device))
            own += [Doubt("loss", name, text) for text in texts]
    return own


def _noises(cells: Iterable[Cell], data: dict[str, Description]) -> None:
    noises = [(cell.noise, data[cell.dataset], _source(cell, "noise")) for cell in cells]
    noises += [(cell.test_noise, data[cell.dataset].test_part, _source(cell, TEST_NOISE)) for cell in cells]
    for name, examples, num_classes, source in dict.fromkeys(
        (name, part.train_examples + part.val_examples, part.num_classes, source) for name, part, source in noises
    ):
        if name != NO_NOISE and base_kind(name) not in NOISES:
            from lsbench.training.contract.trials import try_noise

            try_noise(name, examples, num_classes, source)


def _last_batches(cells: Iterable[Cell], data: dict[str, Description], data_dir: Path | None) -> None:
    """`InputError` for a model that can't be trained on the single example that an epoch ends with."""
    for cell in {(*_program(c), c.folds and c.seed % c.folds, c.arm.networks): c for c in cells}.values():
        description = data[cell.dataset]
        count = examples_left(description, cell, data_dir)
        for size in (count, *_sizes_of_first(cell, count)):
            if leaves_one(size, cell.recipe.batch_size):
                _require_taken(cell, description, size)


def _sizes_of_first(cell: Cell, count: int) -> Iterable[int]:
    """On how many of its training examples the networks are trained that come first: all folds but one."""
    if cell.fit is None:
        return ()
    smallest, rest = divmod(count, cell.fit.folds)
    return dict.fromkeys((count - smallest, count - smallest - bool(rest)))


def _require_taken(cell: Cell, description: Description, count: int) -> None:
    from lsbench.training.contract.together import takes_one_example

    parts = (cell.model, description.shape, description.num_classes, _source(cell, "model"))
    if not takes_one_example(*parts):
        require_pairs(count, cell.recipe.batch_size)


def _program(cell: Cell) -> tuple[Any, ...]:
    return (cell.model, cell.dataset, cell.val, cell.folds, cell.train_size, cell.recipe.batch_size)


def _inverses(cells: Iterable[Cell], data_dir: Path | None) -> None:
    """`InputError` for a loss that has to invert a singular noise matrix; labels alone decide it."""
    oracles = [cell for cell in cells if cell.noise != NO_NOISE and is_oracle(cell.arm)]
    inverting = [cell for cell in oracles if LOSSES[cell.loss].inverts]
    by_labels = [cell for cell in inverting if "images" not in resolve.noise(base_kind(cell.noise)).inputs]
    if by_labels:  # noise by the images takes seconds to draw, and its matrix is not singular
        from lsbench.training.contract.together import require_invertible

        require_invertible(by_labels, data_dir)


def _metrics(names: Iterable[str], data: dict[str, Description]) -> None:
    for name in names:
        if name not in METRICS:
            from lsbench.training.contract.trials import try_metric

            for classes in dict.fromkeys(description.num_classes for description in data.values()):
                try_metric(name, classes, resolve.source_of("metric", name))


def _source(cell: Cell, role: str) -> str:
    return dict(cell.sources).get(role, "")


def _is_stacked(cells: Iterable[Cell], loss: str, device: str) -> bool:
    """Whether cells with several values of a hyperparameter of the loss may be trained as one program."""
    with_loss = [cell for cell in cells if cell.loss == loss]
    models = [resolve.model(parse(name).name) for name in {cell.model for cell in with_loss}]
    limits = [model.stack_cuda if device == "cuda" else model.stack_cpu for model in models]
    return len({cell.hyper for cell in with_loss}) > 1 and max(limits) > 1
