"""From a trained stack to probabilities, in chunks, without gradients, in float32."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from lsbench.models.stack import StackedModel
from lsbench.names.catalogue import Link
from lsbench.names.registry import lookup
from lsbench.training.precision import matmul_precision

CHUNK = 256  # examples per cell and forward pass: what a core keeps in its cache; a third faster than 1024 for the cnn


@torch.no_grad()
def predict_logits(model: StackedModel, images: Tensor, indices: Tensor | None = None) -> Tensor:
    """Logits (cells, m, K) of images[indices], indices (cells, m); without them of all images, the same for all."""
    model.eval()
    if indices is None:
        chunks = (chunk.unsqueeze(0) for chunk in images.split(CHUNK))
    else:
        chunks = (images.index_select(0, i.flatten()).unflatten(0, i.shape) for i in indices.split(CHUNK, dim=1))
    with matmul_precision("highest", images.device.type):
        return torch.cat([model(chunk.expand(model.cells, *chunk.shape[1:])) for chunk in chunks], dim=1)


def to_log_probs(logits: Tensor, link: Link) -> Tensor:
    """Log-probabilities (..., K) in float64: log-softmax of the logits, or of the log-sigmoids.

    The latter are K sigmoids normalised to sum 1; in the log they do so even where all of them underflow.
    """
    return torch.log_softmax(lookup(LINKS, "link", link)(logits.double()), -1)


LINKS: dict[Link, Callable[[Tensor], Tensor]] = {"softmax": lambda logits: logits, "sigmoid": F.logsigmoid}
