"""What a stack trains on, batch by batch: gathered, augmented and mixed, each cell by its own seed's streams."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

import numpy as np
import torch
from torch import Generator, Tensor

from lsbench.models.sharing import one_of_each, runs_of
from lsbench.seeding import stream
from lsbench.training.sampler import draw_places

Augment = Callable[[Tensor, Generator], Tensor]  # images (b, C, h, w) -> the same shape; draws from the generator


@dataclass(frozen=True)
class Batch:
    """One step's examples of every cell."""

    images: Tensor  # (runs, b, ...): of neighbouring cells that see the same ones, once
    labels: Tensor  # (cells, b), wrong ones included
    index: Tensor  # (cells, b): which examples of the data set they are
    kept: Tensor | None = None  # (cells, b): which of them are trained on; None where all are
    weights: Tensor | None = None  # (cells, b): of their classes; None where all count the same
    runs: tuple[int, ...] = ()  # how many neighbouring cells each row of images goes to; () is one each

    def mean(self, losses: Tensor) -> Tensor:
        """The mean over the examples that are trained on, (cells,); 0 where there is none.

        Of losses that are multiplied by class weights, sum w l / sum w, as torch has it.
        """
        if self.weights is None and self.kept is None:
            return losses.mean(1)
        weights = torch.ones_like(losses) if self.weights is None else self.weights
        if self.kept is not None:
            losses, weights = losses.where(self.kept, 0), weights.where(self.kept, 0)
        mass = weights.sum(1)
        return losses.sum(1) / mass.where(mass > 0, 1)


@dataclass(frozen=True)
class Examples:
    """Shared images, and for each cell its own labels, its own subset and its own order."""

    images: Tensor  # (n, ...), on the device
    labels: Tensor  # (cells, n), wrong ones included
    indices: Tensor  # (cells, m): the examples of each cell's training set
    seeds: Sequence[int]  # one per cell; equal seeds see equal orders and equal augmentation
    augment: Augment | None = None
    kept: Tensor | None = None  # (cells, n): which examples are trained on; the others stay in their batches
    weights: Tensor | None = None  # (cells, n): of their classes; None where all count the same
    chances: Tensor | None = None  # (cells, n): how often each is drawn, in shares; None: each once an epoch

    @cached_property
    def keys(self) -> tuple[Hashable, ...]:
        """One per cell: cells with equal keys see equal batches. The seed, where each example is seen once an epoch."""
        if self.chances is None:
            return tuple(self.seeds)
        same = torch.unique(self.chances, dim=0, return_inverse=True)[1].tolist()
        return tuple(zip(self.seeds, same, strict=True))

    def batches(
        self, epoch_orders: Iterator[Tensor], size: int, draws: Mapping[Hashable, Generator]
    ) -> Iterator[Batch]:
        """One epoch; `draws` are the generators of the augmentation, one per key."""
        order, runs = self.indices.gather(1, next(epoch_orders).to(self.indices.device)), runs_of(self.keys)
        shared = one_of_each(order, runs).split(size, dim=1)
        for index, rows in zip(order.split(size, dim=1), shared, strict=True):
            kept, weights = _gathered(self.kept, index), _gathered(self.weights, index)
            yield Batch(self._pick(rows, draws), self.labels.gather(1, index), index, kept, weights, runs)

    def orders(self) -> Iterator[Tensor]:
        """Per epoch (cells, m) places of the training set, from each seed's stream `order`.

        A permutation; with `chances` as many draws with replacement, see `lsbench.training.sampler`.
        """
        seed_of = dict(zip(self.keys, self.seeds, strict=True))
        order_of = {key: self._orders(place, seed_of[key]) for place, key in enumerate(self.keys)}
        while True:
            drawn = {key: next(orders) for key, orders in order_of.items()}
            yield torch.stack([drawn[key] for key in self.keys])

    def _orders(self, cell: int, seed: int) -> Iterator[Tensor]:
        """Of one cell, epoch by epoch."""
        generator, size = stream(seed, "order"), self.indices.shape[1]
        if self.chances is None:
            while True:
                yield torch.randperm(size, generator=generator)
        chances = self.chances[cell].gather(0, self.indices[cell]).cpu()
        while True:
            yield draw_places(chances, size, generator)

    def draws(self) -> dict[Hashable, Generator]:
        """The start of each seed's stream `augment`, which augmentation and mixup draw from, by key."""
        return {key: stream(seed, "augment") for key, seed in zip(self.keys, self.seeds, strict=True)}

    def _pick(self, index: Tensor, draws: Mapping[Hashable, Generator]) -> Tensor:
        """The images (runs, b, ...) of each run of cells, index (runs, b)."""
        if self.augment is None:
            picked = self.images.index_select(0, index.flatten())  # three times as fast as images[index] on a CPU
            return picked.unflatten(0, index.shape)
        keys = [key for key, _ in groupby(self.keys)]
        rows = dict(zip(keys, index, strict=True))  # equal keys have equal rows
        made = {key: self.augment(self.images.index_select(0, row), draws[key]) for key, row in rows.items()}
        return torch.stack([made[key] for key in keys])


def _gathered(values: Tensor | None, index: Tensor) -> Tensor | None:
    """The values (cells, b) at each cell's own places."""
    return None if values is None else values.gather(1, index)


class Mixture(NamedTuple):
    """How each example of a batch is mixed with another: share * its own + (1 - share) * its partner's."""

    share: Tensor  # (cells, 1), in [0, 1]
    partner: Tensor  # (cells, b)

    @classmethod
    def draw(
        cls, batch: Batch, keys: Sequence[Hashable], draws: Mapping[Hashable, Generator], alpha: float
    ) -> "Mixture":
        """Share ~ Beta(alpha, alpha), one per cell and batch, and a random partner (Zhang et al., 2018, mixup).

        One that is not trained on is nobody's partner: who had drawn it takes its partner, and so on.
        """
        device, size = batch.images.device, batch.labels.shape[1]
        drawn = {key: (_beta(alpha, draws[key]), torch.randperm(size, generator=draws[key])) for key in draws}
        share = torch.tensor([[drawn[key][0]] for key in keys], device=device)
        partner = torch.stack([drawn[key][1] for key in keys]).to(device)
        return cls(share, partner if batch.kept is None else _kept_partner(partner, batch.kept))

    def images(self, images: Tensor) -> Tensor:
        """The mixed images, (cells, b, ...)."""
        share = self.share.view(-1, *[1] * (images.dim() - 1))
        partners = torch.stack([own[partner] for own, partner in zip(images, self.partner, strict=True)])
        return torch.lerp(partners, images, share)

    def losses(self, losses_under: Callable[[Tensor], Tensor], labels: Tensor) -> Tensor:
        """The mixed loss of the mixed images under both labels, (cells, b)."""
        return self.share * losses_under(labels) + (1 - self.share) * losses_under(labels.gather(1, self.partner))


def _kept_partner(partner: Tensor, kept: Tensor) -> Tensor:
    """The first kept example behind each one that is kept, going from partner to partner: it comes back to itself.

    Of a permutation drawn at random that is one of the kept examples, drawn at random. partner, kept: (cells, b).
    """
    following = partner
    while bool((missing := kept & ~kept.gather(1, following)).any()):
        following = torch.where(missing, partner.gather(1, following), following)
    return following


def _beta(alpha: float, generator: Generator) -> float:
    """One draw of Beta(alpha, alpha); torch has no such draw from a given generator."""
    seed = int(torch.randint(2**62, (), generator=generator))
    return float(np.random.default_rng(seed).beta(alpha, alpha))
