"""A data set as training sees it: whole, in memory, normalised, checked."""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lsbench.data.describe import Description, groups_of, read, units_of, use_description
from lsbench.data.fold_draw import folds_of
from lsbench.data.groups import numbered
from lsbench.data.origin import Origin, find_origin
from lsbench.data.splits import Array, Splits, noun_of
from lsbench.data.standardise import standardised
from lsbench.data.votes import SOFT, Votes
from lsbench.errors import InputError
from lsbench.names.dataset_name import is_of_catalogue
from lsbench.seeding import stream


@dataclass(frozen=True)
class Dataset:
    """Images, or vectors: float32; per channel, or column, mean 0 and standard deviation 1 over the training set."""

    name: str
    images: Tensor  # (n, channels, height, width), or vectors (n, d); the last `val_count` are its own validation set
    labels: Tensor  # (n,), int64, as published, or given
    test_images: Tensor
    test_labels: Tensor
    num_classes: int
    mean: Tensor  # (channels,), or (d,), of the raw training examples, without validation examples
    sd: Tensor  # likewise; 1 of a column in which all training examples are equal
    val_count: int = 0
    units: np.ndarray | None = None  # (n,): examples with one number share a fold; None: each stands alone
    test_groups: np.ndarray | None = None  # (m,): the number of each test example's group, where groups are given
    class_names: tuple[str, ...] = ()  # (K,)
    label_map: tuple[int | float | str, ...] = ()  # what each class was called; () where labels were 0..K-1 already
    trained_labels: Tensor | None = None  # (n,): what is trained on, where predictions changed some of `labels`
    soft: Votes | None = None  # of several people, for the examples in `images`, where all of them are to be trained on

    @property
    def shape(self) -> tuple[int, ...]:
        """(channels, height, width) of one image, or (d,) of a vector."""
        return tuple(self.images.shape[1:])

    def trained_on(self, given: Tensor) -> Tensor:
        """The labels given (n,), but for those that predictions changed: these are trained on, and nothing else."""
        if self.trained_labels is None:
            return given
        changed = self.trained_labels.to(given.device)
        return torch.where(changed != self.labels.to(given.device), changed, given)

    @property
    def test_part(self) -> "Dataset":
        """The test set alone, as if its examples were the training examples: for what makes its labels wrong."""
        return replace(
            self,
            images=self.test_images,
            labels=self.test_labels,
            val_count=0,
            units=None,
            test_groups=None,
            trained_labels=None,
        )


def load(name: str, data_dir: Path | None = None) -> Dataset:
    """The data set of that name, see `describe`; read once per process unless its files change."""
    if name in _kept:
        return _kept[name]
    return _load(name, data_dir, find_origin(name, data_dir))


def keep(data: Dataset, description: Description) -> None:
    """Let `load` and `describe` give this data set from now on: a worker was handed it, and may not have the files."""
    _kept.clear()  # one at a time: it may be most of the memory
    _kept[data.name] = data
    use_description(description)


_kept: dict[str, Dataset] = {}


@lru_cache(maxsize=2)
def _load(name: str, data_dir: Path | None, _origin: Origin) -> Dataset:
    splits, description = read(name, data_dir)
    check_splits(name, splits, description.num_classes)
    images, test_images, mean, sd = standardised(splits)
    return Dataset(
        name=description.name,
        images=images,
        labels=_labels(splits.train_labels, splits.val_labels),
        test_images=test_images,
        test_labels=_labels(splits.test_labels),
        num_classes=description.num_classes,
        mean=mean,
        sd=sd,
        val_count=description.val_examples,
        units=units.numbers if (units := units_of(description.name, data_dir)) else None,
        test_groups=_test_groups(description.name, data_dir),
        class_names=description.class_names,
        label_map=description.label_map,
        trained_labels=_trained(splits),
        soft=_soft(splits),
    )


def split_folds(
    n: int, folds: int, seed: int, train_size: int | None = None, units: np.ndarray | None = None
) -> tuple[Tensor, Tensor]:
    """Indices (train, val): seed s holds out fold s mod K of a permutation from the stream `folds` of s // K.

    So K seeds in a row, a round, hold out each example once, whatever `train_size` is: that many of the others, drawn
    by the seed's stream `split`, are trained on. units (n,): examples with the same number share a fold.
    """
    order = torch.randperm(n, generator=stream(seed // folds, "folds"))
    is_held_out = torch.from_numpy(folds_of(order.numpy(), folds, units) == seed % folds)[order]
    train, held_out = order[~is_held_out], order[is_held_out]
    train = train[torch.randperm(len(train), generator=stream(seed, "split"))]
    _require_enough(train, train_size)
    return train[:train_size], held_out


def split(n: int, val: float, seed: int, train_size: int | None = None, own_val: int = 0) -> tuple[Tensor, Tensor]:
    """Indices (train, val): the last fraction `val` of a permutation from the seed's stream `split` is held out.

    Of a set with `own_val` validation examples of its own, the last ones, exactly these are held out, whatever the
    fraction is. With `val` 0 nothing is held out; its own validation examples are not trained on either way.
    `train_size` keeps only the first so many of the training indices; `InputError` where there are fewer.
    """
    order = torch.randperm(n - own_val, generator=stream(seed, "split"))
    train, held_out = order, torch.arange(n - own_val, n if val else n - own_val)
    if not own_val:
        train, held_out = order.split([n - int(val * n), int(val * n)])
    _require_enough(train, train_size)
    return train[:train_size], held_out


def _require_enough(train: Tensor, train_size: int | None) -> None:
    if train_size is not None and train_size > len(train):
        raise InputError(f"--train-size {train_size:,}: there are {len(train):,} training examples")


def _labels(*parts: Array | None) -> Tensor:
    return torch.from_numpy(np.concatenate([np.asarray(part) for part in parts if part is not None]).astype(np.int64))


def _trained(splits: Splits) -> Tensor | None:
    return None if splits.trained_labels is None else _labels(splits.trained_labels, splits.val_labels)


def _soft(splits: Splits) -> Votes | None:
    """The votes that are trained on as they are; of validation examples, which are not trained on, their label."""
    votes = splits.train_votes
    if votes is None or votes.how != SOFT:
        return None
    if splits.val_labels is None:
        return votes
    labels = np.asarray(splits.val_labels)
    values = np.repeat(labels[:, None], votes.values.shape[1], 1)
    weights = np.repeat(np.eye(1, votes.values.shape[1]), len(labels), 0)
    return Votes(np.concatenate([votes.values, values]), np.concatenate([votes.weights, weights]), SOFT)


def _test_groups(name: str, data_dir: Path | None) -> np.ndarray | None:
    groups = None if is_of_catalogue(name) else groups_of(name, data_dir)
    return None if groups is None or groups.test is None else numbered(groups.test)


def check_splits(name: str, splits: Splits, num_classes: int) -> None:
    """Raise an `InputError` where images and labels are not equally many, or a label is no class."""
    for part, images, labels in (("training", *splits[:2]), ("test", *splits[2:4])):
        if len(images) != len(labels):
            raise InputError(f"the {part} set of {name!r} has {len(images)} {noun_of(images)} but {len(labels)} labels")
        if labels.min() < 0 or labels.max() >= num_classes:
            raise InputError(
                f"the {part} labels of {name!r} run from {labels.min()} to {labels.max()};"
                f" with {num_classes} classes they must lie in 0..{num_classes - 1}"
            )
