"""What a stack predicts for the data that it is measured on: in chunks, without gradients, in float32.

On a CPU the logits of one class lie side by side, as stacks compute them: what sums over classes takes them faster.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from math import prod
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from lsbench.losses.arithmetic import log_softmax
from lsbench.models.sharing import one_of_each, runs_of_rows
from lsbench.models.stack import StackedModel
from lsbench.names.catalogue import Link
from lsbench.names.registry import lookup
from lsbench.training.precision import matmul_precision

SOME_TRAINING, MORE_TRAINING = 2_000, 10_000  # training examples per cell that are predicted in each epoch, the last
AT_ONCE = 1.2  # examples predicted for each that is asked for: one wide product is faster by at least that
CHUNK = 256  # examples per cell and call of the model: what a core keeps in its cache; a third faster than 1024 (cnn)
CHUNK_OF_A_GPU = 2048  # which many examples keep busy
MOST_NUMBERS = 2**27  # of the inputs of all cells in one call on a GPU: 0.5 GB


@dataclass(frozen=True)
class EvaluationData:
    """What a stack of cells is measured on, on its device."""

    images: Tensor  # (n, ...), the training set before the split
    given: Tensor  # (cells, n): its labels, wrong ones included
    clean: Tensor  # (n,): its labels as published
    train: Tensor  # (cells, m): indices of each cell's training examples
    val: Tensor  # (cells, v): indices of each cell's held-out examples
    test_images: Tensor
    test_labels: Tensor  # (cells, m): as they are given, wrong ones included
    test_clean: Tensor  # (m,): as published
    class_weights: Tensor | None = None  # (K,) float64: those of the recipe's file, where it has one

    @cached_property
    def early(self) -> "Asked":
        """What is predicted after each epoch but the last."""
        return Asked.of(self.val, self.train[:, :SOME_TRAINING])

    @cached_property
    def final(self) -> "Asked":
        """What is predicted after the last epoch."""
        return Asked.of(self.val, self.train[:, :MORE_TRAINING])


class Asked(NamedTuple):
    """Held-out and training examples (cells, v + s) to predict, and how many neighbouring cells have the same ones."""

    some: Tensor  # (cells, s): the training examples
    indices: Tensor
    runs: tuple[int, ...]

    @classmethod
    def of(cls, val: Tensor, some: Tensor) -> "Asked":
        """With the runs read from the indices, which waits for a GPU: once, not in each epoch."""
        indices = torch.cat([val, some], 1)
        return cls(some, indices, runs_of_rows(indices))


@dataclass(frozen=True)
class Predictions:
    """Log-probs of the examples that a stack does not train on, in float64, and classes of some others; all labels."""

    test: Tensor  # (cells, n, K)
    test_labels: Tensor  # (cells, n)
    val: Tensor  # (cells, v, K); v is 0 where nothing is held out
    val_given: Tensor  # (cells, v), wrong ones included
    val_clean: Tensor  # (cells, v)
    test_clean: Tensor  # (cells, n)
    train: Tensor  # (cells, s): the class that each of some training examples gets
    train_given: Tensor  # (cells, s)
    train_clean: Tensor  # (cells, s)


def predict(model: StackedModel, data: EvaluationData, links: Sequence[Link], *, last: bool = False) -> Predictions:
    """Predict the test set, the held-out and some of the training examples, more of these after the last epoch.

    links: of each cell's loss, from logits to probabilities.
    """
    some, indices, runs = data.final if last else data.early
    test = predict_logits(model, data.test_images)
    logits = predict_logits(model, data.images, indices, runs)
    val, train = logits.split([data.val.shape[1], some.shape[1]], 1)
    return Predictions(
        test=_log_probs(test, links),
        test_labels=data.test_labels,
        val=_log_probs(val, links),
        val_given=data.given.gather(1, data.val),
        val_clean=data.clean[data.val],
        test_clean=data.test_clean.expand(len(links), -1),
        train=train.max(-1).indices,  # the largest prob under either link
        train_given=data.given.gather(1, some),
        train_clean=data.clean[some],
    )


@torch.no_grad()
def predict_logits(
    model: StackedModel, images: Tensor, indices: Tensor | None = None, runs: tuple[int, ...] | None = None
) -> Tensor:
    """Logits (cells, m, K) of images[indices], indices (cells, m); without them of all images, the same for all.

    runs: how many neighbouring cells have the same indices; None where that is to be read from them.
    """
    model.eval()
    size = chunk_of(images, model.cells)
    if indices is None:
        runs, chunks = (model.cells,), (chunk.unsqueeze(0) for chunk in images.split(size))
    else:
        indices = indices.expand(model.cells, -1)
        runs = runs_of_rows(indices) if runs is None else runs
        if len(runs) > 1 and len(images) <= AT_ONCE * indices.shape[1]:
            return _picked(predict_logits(model, images), indices)
        rows = one_of_each(indices, runs).split(size, dim=1)
        chunks = (images.index_select(0, i.flatten()).unflatten(0, i.shape) for i in rows)
    with matmul_precision("highest", images.device.type):
        return torch.cat([model(chunk, runs).mT for chunk in chunks], dim=-1).mT


def chunk_of(images: Tensor, cells: int) -> int:
    """How many examples of each cell a call of the model takes: on a GPU as many as surely fit into its memory."""
    if images.device.type == "cpu":
        return CHUNK
    return min(CHUNK_OF_A_GPU, max(CHUNK, MOST_NUMBERS // (cells * prod(images.shape[1:]))))


def _picked(logits: Tensor, indices: Tensor) -> Tensor:
    """Those at indices (cells, m) of each cell's logits (cells, n, K): (cells, m, K)."""
    by_class = logits.mT
    return by_class.gather(2, indices.unsqueeze(1).expand(-1, by_class.shape[1], -1)).mT


def to_log_probs(logits: Tensor, link: Link) -> Tensor:
    """Log-probabilities (..., K) in float64: log-softmax of the logits, or of the log-sigmoids.

    The latter are K sigmoids normalised to sum 1; in the log they do so even where all of them underflow.
    """
    return log_softmax(lookup(LINKS, "link", link)(logits.double()))


LINKS: dict[Link, Callable[[Tensor], Tensor]] = {"softmax": lambda logits: logits, "sigmoid": F.logsigmoid}


def _log_probs(logits: Tensor, links: Sequence[Link]) -> Tensor:
    runs = [(link, len(list(group))) for link, group in groupby(links)]
    if len(runs) == 1:
        return to_log_probs(logits, links[0])
    parts = logits.split([size for _, size in runs])
    return torch.cat([to_log_probs(part, link).mT for part, (link, _) in zip(parts, runs, strict=True)]).mT
