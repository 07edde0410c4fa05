"""What `check` would say, tried in a second or so before training: what is broken is an error, doubts are stored.

Of the user's own parts only, as those of this package keep their contracts by its tests. Without own parts torch is not
imported, and the catalogue's data sets are not read.
"""

from collections.abc import Iterable
from pathlib import Path

from lsbench.data.describe import Description, describe, doubts
from lsbench.names import resolve
from lsbench.names.catalogue import LOSSES, METRICS, MODELS, NOISES
from lsbench.names.reference import parse
from lsbench.noise.files import base_kind
from lsbench.spec import NO_NOISE, Cell, Doubt


def probe(
    cells: Iterable[Cell], data_dir: Path | None = None, metrics: Iterable[str] = (), device: str = "cpu"
) -> tuple[Doubt, ...]:
    """The doubts about the parts of these cells; `InputError`, with the sentence of `check`, for one that is broken.

    metrics: the user's own, that are to be measured. What was tried once in this process is not tried again.
    """
    cells = list(cells)
    data = {name: describe(name, data_dir) for name in dict.fromkeys(cell.dataset for cell in cells)}
    all_doubts = [
        Doubt("dataset", name, f"data set {name!r}: {text}") for name in data for text in doubts(name, data_dir)
    ]
    all_doubts += _models(cells, data, device)
    all_doubts += _losses(cells, data, device)
    _noises(cells, data)
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
    for name, dataset, source in dict.fromkeys((c.noise, c.dataset, _source(c, "noise")) for c in cells):
        if name != NO_NOISE and base_kind(name) not in NOISES:
            from lsbench.training.contract.trials import try_noise

            description = data[dataset]
            try_noise(name, description.train_examples + description.val_examples, description.num_classes, source)


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
