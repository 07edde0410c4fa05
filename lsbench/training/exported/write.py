"""Writes a trained network with its temperature, so that `load.py` beside it gives probabilities with torch alone."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from lsbench.data.dataset import Dataset
from lsbench.data.description import Description
from lsbench.data.splits import Splits
from lsbench.errors import InputError
from lsbench.models.stack import factory_of
from lsbench.models.written import written
from lsbench.names import resolve
from lsbench.names.catalogue import IMAGES
from lsbench.names.dataset_name import features_of, shown_dataset
from lsbench.names.encoding import json_text
from lsbench.rows.row import Row
from lsbench.rows.status import TEST, status_of
from lsbench.rows.store import write_atomically
from lsbench.training.exported.loader import loader
from lsbench.training.exported.names import ABOUT, FORMAT, LOADER, MEAN, NETWORK, PROGRAM, SD, TEMPERATURE, WEIGHTS
from lsbench.training.exported.temperature import ChosenTemperature
from lsbench.version import __version__

MADE = (WEIGHTS, ABOUT, LOADER, PROGRAM)


def write_exported(
    row: Row,
    weights: bytes,
    data: Dataset,
    source: tuple[Splits, Description],
    temperature: ChosenTemperature,
    folder: Path,
) -> list[Path]:
    """The files of the row's network below `folder`, and their paths.

    weights: of `run --save-models`, in the format safetensors. source: what `read` gives for the row's data set. What a
    network sees is standardised by the mean and the standard deviation of the training examples, which are kept too.
    `InputError`: weights that are not of this row's model, or a network that torch can't write as a program.
    """
    module = _network(row, weights, data)
    about = _about(row, data, source, temperature)
    kept = {f"{NETWORK}{name}": value.contiguous() for name, value in module.state_dict().items()}
    shape = (1, -1, 1, 1) if len(data.shape) > 1 else (1, -1)
    kept |= {MEAN: data.mean.reshape(shape), SD: data.sd.reshape(shape)}
    kept[TEMPERATURE] = torch.tensor(temperature.value, dtype=torch.float64)
    plain = written(module, _examples(data))
    text = loader(
        plain,
        title=about["title"],
        expects=about["expects"],
        temperature=temperature.sentence,
        num_classes=data.num_classes,
        link=about["link"],
    )
    files = {WEIGHTS: save(kept), ABOUT: json_text(about).encode(), LOADER: text.encode("utf-8", "replace")}
    if plain is None:
        files[PROGRAM] = _program(module, data)
    for name in MADE:
        (folder / name).unlink(missing_ok=True)
    for name, content in files.items():
        write_atomically(folder / name, content)
    return [folder / name for name in files]


def _network(row: Row, weights: bytes, data: Dataset) -> nn.Module:
    module = factory_of(row.cell.model)(data.shape, data.num_classes)
    try:
        module.load_state_dict(load(weights))
    except (RuntimeError, KeyError, ValueError, SafetensorError) as error:
        reason = str(error).partition("\n")[0]
        raise InputError(
            f"the weights kept for {row.id} are not whole, or not of its model {row.cell.model} ({reason}); remove the"
            f" file {row.id}.safetensors, and the network is trained again"
        ) from error
    return module.eval()


def _examples(data: Dataset) -> Tensor:
    """A few that the network was trained on: two of them at least, as one would be taken for any number of them."""
    return data.images[:8].clone()


def _program(module: nn.Module, data: Dataset) -> bytes:
    """The network as torch.export has it, for any number of examples at once."""
    content = BytesIO()
    try:
        program = torch.export.export(module, (_examples(data),), dynamic_shapes=({0: torch.export.Dim("n", min=1)},))
        torch.export.save(program, content)
    except Exception as error:  # whatever a module of the user's does that can't be written down
        reason = str(error).strip().partition("\n")[0][:200]
        raise InputError(
            f"this network can't be written as a program that torch alone runs ({type(error).__name__}: {reason}); its"
            " weights are in models/, see --save-models"
        ) from error
    return content.getvalue()


def _about(
    row: Row, data: Dataset, source: tuple[Splits, Description], temperature: ChosenTemperature
) -> dict[str, Any]:
    """What is said of the network in network.json."""
    (splits, description), cell = source, row.cell
    network = features_of(description.name)
    return {
        "format": FORMAT,
        "lsbench": __version__,
        "title": f"{cell.arm.name}, seed {cell.seed}, {cell.model}, trained on {shown_dataset(description.name)}",
        "expects": _expects(description, network, splits.columns, data.shape),
        "cell": row.id,
        "model": cell.model,
        "kind": description.kind,
        "features": network,
        "shape": list(data.shape),
        "classes": list(description.class_names),
        "columns": list(splits.columns),
        "medians": _medians(splits),
        "link": resolve.loss(cell.loss).link,
        "temperature": {"value": temperature.value, "way": temperature.way, "said": temperature.sentence},
        "test_accuracy": {"value": row.metrics.get("accuracy"), "labels": status_of(row, TEST)},
    }


def _expects(description: Description, network: str, columns: Sequence[str], shape: tuple[int, ...]) -> str:
    """What the network is given, a sentence."""
    size = ", ".join(map(str, shape))
    if network:
        return f"x (n, {size}): features of images by {network}, which `lsbench predict` computes."
    if description.kind == IMAGES:
        return f"x (n, {size}): images, channels first, with values as they were read (bytes: 0 to 255)."
    return f"x (n, {size}): the columns {', '.join(columns)}, in this order." if columns else f"x (n, {size})."


def _medians(splits: Splits) -> list[float]:
    """What a missing value of each column was taken for: filling in medians leaves the median as it was."""
    return np.median(np.asarray(splits.train_images), axis=0).tolist() if splits.columns else []
