"""What a stack trains on, batch by batch: gathered, augmented and mixed, each cell by its own seed's streams."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Generator, Tensor

from lsbench.seeding import stream

Augment = Callable[[Tensor, Generator], Tensor]  # images (b, C, h, w) -> the same shape; draws from the generator


@dataclass(frozen=True)
class Batch:
    """One step's examples of every cell."""

    images: Tensor  # (cells, b, ...)
    labels: Tensor  # (cells, b), wrong ones included
    index: Tensor  # (cells, b): which examples of the data set they are
    kept: Tensor | None = None  # (cells, b): which of them are trained on; None where all are

    def mean(self, losses: Tensor) -> Tensor:
        """The mean over the examples that are trained on, (cells,); 0 where there is none."""
        if self.kept is None:
            return losses.mean(1)
        return losses.where(self.kept, 0).sum(1) / self.kept.sum(1).clamp_min(1)


@dataclass(frozen=True)
class Examples:
    """Shared images, and for each cell its own labels, its own subset and its own order."""

    images: Tensor  # (n, ...), on the device
    labels: Tensor  # (cells, n), wrong ones included
    indices: Tensor  # (cells, m): the examples of each cell's training set
    seeds: Sequence[int]  # one per cell; equal seeds see equal orders and equal augmentation
    augment: Augment | None = None
    kept: Tensor | None = None  # (cells, n): which examples are trained on; the others stay in their batches

    def batches(self, epoch_orders: Iterator[Tensor], size: int, draws: dict[int, Generator]) -> Iterator[Batch]:
        """One epoch; `draws` are the generators of the augmentation, one per seed."""
        order = self.indices.gather(1, next(epoch_orders).to(self.indices.device))
        for index in order.split(size, dim=1):
            kept = None if self.kept is None else self.kept.gather(1, index)
            yield Batch(self._pick(index, draws), self.labels.gather(1, index), index, kept)

    def orders(self) -> Iterator[Tensor]:
        """Per epoch (cells, m): each cell's permutation, from its seed's stream `order`."""
        generators = {seed: stream(seed, "order") for seed in self.seeds}
        size = self.indices.shape[1]
        while True:
            drawn = {seed: torch.randperm(size, generator=generator) for seed, generator in generators.items()}
            yield torch.stack([drawn[seed] for seed in self.seeds])

    def draws(self) -> dict[int, Generator]:
        """The start of each seed's stream `augment`, which augmentation and mixup draw from."""
        return {seed: stream(seed, "augment") for seed in self.seeds}

    def _pick(self, index: Tensor, draws: dict[int, Generator]) -> Tensor:
        if self.augment is None:
            picked = self.images.index_select(0, index.flatten())  # three times as fast as images[index] on a CPU
            return picked.unflatten(0, index.shape)
        rows = dict(zip(self.seeds, index, strict=True))  # equal seeds have equal rows
        made = {seed: self.augment(self.images.index_select(0, row), draws[seed]) for seed, row in rows.items()}
        return torch.stack([made[seed] for seed in self.seeds])


class Mixture(NamedTuple):
    """How each example of a batch is mixed with another: share * its own + (1 - share) * its partner's."""

    share: Tensor  # (cells, 1), in [0, 1]
    partner: Tensor  # (cells, b)

    @classmethod
    def draw(cls, batch: Batch, seeds: Sequence[int], draws: dict[int, Generator], alpha: float) -> "Mixture":
        """Share ~ Beta(alpha, alpha), one per cell and batch, and a random partner (Zhang et al., 2018, mixup).

        One that is not trained on is nobody's partner: who had drawn it takes its partner, and so on.
        """
        device, size = batch.images.device, batch.labels.shape[1]
        drawn = {seed: (_beta(alpha, draws[seed]), torch.randperm(size, generator=draws[seed])) for seed in draws}
        share = torch.tensor([[drawn[seed][0]] for seed in seeds], device=device)
        partner = torch.stack([drawn[seed][1] for seed in seeds]).to(device)
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
