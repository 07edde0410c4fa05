"""What of a trained stack is kept on disk beside its rows, where the user asks for it: log-probs and weights."""

from io import BytesIO
from pathlib import Path

import numpy as np
from safetensors.torch import save

from lsbench.models.stack import StackedModel
from lsbench.planning.stacks import Stack
from lsbench.rows.store import logits_path, model_path, write_atomically
from lsbench.training.predict import Predictions


def save_logits(predictions: Predictions, cells: Stack, folder: Path | None) -> None:
    """Each cell's log-probs and labels as `<id>.npz`, where a folder is given: readable with numpy alone."""
    for i, cell in enumerate(cells):
        if folder is None:
            return
        arrays = {name: tensor[i].cpu().numpy() for name, tensor in vars(predictions).items()}
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
