"""Parts that are sound alone and fail together: a model with a batch of one example, a loss with a singular matrix."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import torch

from lsbench.data.dataset import load
from lsbench.errors import InputError
from lsbench.models.stack import factory_of
from lsbench.names import resolve
from lsbench.seeding import global_stream
from lsbench.spec import Cell
from lsbench.training.after_training import as_tensor
from lsbench.training.stack import corrupt

ONE_VALUE = "more than 1 value per channel"  # torch's words for batch normalisation of a single value


@lru_cache(maxsize=256)
def takes_one_example(name: str, shape: tuple[int, ...], num_classes: int, _source: str) -> bool:
    """Whether the model can be trained on a single image; batch normalisation of one value per channel can't."""
    with global_stream(0, "init"):
        model = factory_of(name)(shape, num_classes).train()
    try:
        with global_stream(0, "dropout"), torch.no_grad():
            model(torch.zeros(1, *shape))
    except Exception as error:  # noqa: BLE001 - whatever else the user's model raises is another check's to say
        return ONE_VALUE not in str(error)
    return True


def require_invertible(cells: Sequence[Cell], data_dir: Path | None) -> None:
    """Raise an `InputError` where a loss can't invert the noise matrix of one of these cells, as it was drawn."""
    for loss, dataset, noise, rate, seed in dict.fromkeys((cell.loss, *_labels(cell)) for cell in cells):
        cell = next(cell for cell in cells if _labels(cell) == (dataset, noise, rate, seed))
        data = load(dataset, data_dir)
        matrix = as_tensor(corrupt(data, cell, data_dir)[1].matrix, torch.zeros(()))
        try:
            resolve.load_any("loss", loss)(torch.zeros(1, data.num_classes), torch.tensor([0]), matrix=matrix.float())
        except InputError as error:
            raise InputError(f"loss {loss!r} on {noise} noise at rate {rate:g}, seed {seed}: {error}") from error


def _labels(cell: Cell) -> tuple[str, str, float, int]:
    """What decides a cell's wrong labels."""
    return (cell.dataset, cell.noise, cell.noise_rate, cell.label_seed)
