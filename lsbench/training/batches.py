"""What a stack trains on, batch by batch: gathered, augmented and mixed, each cell by its own seed's streams."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import NamedTuple

import numpy as np
import torch
from torch import Generator, Tensor

from lsbench.data.augment import Augmentation
from lsbench.models.sharing import one_of_each, run_of, runs_of
from lsbench.seeding import stream
from lsbench.training.epoch_draws import EpochDraws, ahead, upload
from lsbench.training.sampler import draw_places


@dataclass(frozen=True)
class Batch:
    """One step's examples of every cell."""

    images: Tensor  # (runs, b, ...): of neighbouring cells that see the same ones, once
    labels: Tensor  # (cells, b), wrong ones included
    index: Tensor  # (cells, b): which examples of the data set they are
    kept: Tensor | None = None  # (cells, b): which of them are trained on; None where all are
    weights: Tensor | None = None  # (cells, b): of their classes; None where all count the same
    runs: tuple[int, ...] = ()  # how many neighbouring cells each row of images goes to; () is one each
    mixture: "Mixture | None" = None  # how each example is mixed with another; None where it is not

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
    augment: Augmentation | None = None
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

    @cached_property
    def runs(self) -> tuple[int, ...]:
        """How many neighbouring cells see each batch."""
        return runs_of(self.keys)

    def epochs(self, size: int, mixup: float | None = None, count: int | None = None) -> Iterator[EpochDraws]:
        """What so many epochs draw, in batches of that size, on the device; without a count for ever.

        A GPU need not wait: the next epoch is drawn by a thread while one is used, and copied between two steps.
        """
        device, drawn = self.images.device, islice(self._drawn(size, mixup), count)
        run_of(self.runs, device)  # kept on the device from now on, so that no step has to bring it
        if self.augment is not None:
            self.augment.bring(self.images.shape, device)  # likewise
        for on_cpu in drawn if device.type == "cpu" else ahead(drawn):
            order, *rest = (upload(values, device) for values in on_cpu)
            yield self._spread(order, rest, mixup is not None)

    def batch(self, draws: EpochDraws) -> Batch:
        """The batch of some columns; all of it is work of the device, whose results nobody waits for."""
        kept, weights = _gathered(self.kept, draws.order), _gathered(self.weights, draws.order)
        labels, mixture = self.labels.gather(1, draws.order), None
        if draws.share is not None and draws.partner is not None:
            partner = draws.partner if kept is None else _kept_partner(draws.partner, kept)
            mixture = Mixture(draws.share[:, :1], partner)
        return Batch(self._pick(draws), labels, draws.order, kept, weights, self.runs, mixture)

    def _pick(self, draws: EpochDraws) -> Tensor:
        """The images (runs, b, ...) of each run of cells."""
        picked = self.images.index_select(0, draws.rows.flatten())  # three times as fast as images[rows] on a CPU
        if self.augment is not None:
            picked = self.augment.apply(picked, [drawn.flatten(0, 1) for drawn in draws.augment])
        return picked.unflatten(0, draws.rows.shape)

    def _drawn(self, size: int, mixup: float | None) -> Iterator[list[Tensor]]:
        """Epoch by epoch all that is drawn, on the CPU, once per key: (keys, m, ...) places, augmentation, mixtures."""
        cells = {key: cell for cell, key in reversed(list(enumerate(self.keys)))}  # the first of each
        orders = [self._orders(cells[key]) for key in self._distinct]
        draws = [stream(self.seeds[cells[key]], "augment") for key in self._distinct]
        while True:
            drawn = [[next(order), *self._changes(size, mixup, own)] for order, own in zip(orders, draws, strict=True)]
            yield [torch.stack(values) for values in zip(*drawn, strict=True)]

    def _changes(self, size: int, mixup: float | None, generator: Generator) -> list[Tensor]:
        """What the batches of one epoch draw from one stream, each (m, ...): augmentation and mixture, in turn."""
        if self.augment is None and mixup is None:
            return []
        batches, m = [], self.indices.shape[1]
        for start in range(0, m, size):
            count = min(size, m - start)
            drawn = self.augment.draw((count, *self.images.shape[1:]), generator) if self.augment else ()
            batches.append([*drawn, *(_mixed(mixup, count, generator) if mixup is not None else ())])
        return [torch.cat(values) for values in zip(*batches, strict=True)]

    @cached_property
    def _distinct(self) -> tuple[Hashable, ...]:
        return tuple(dict.fromkeys(self.keys))

    @cached_property
    def _key_of(self) -> Tensor:
        """The number of each cell's key (cells,), on the device."""
        return torch.tensor([self._distinct.index(key) for key in self.keys], device=self.images.device)

    def _spread(self, places: Tensor, rest: Sequence[Tensor], is_mixed: bool) -> EpochDraws:
        """What was drawn for each key, for each cell and each run."""
        of_cells, of_runs = self._key_of, one_of_each(self._key_of, self.runs)
        order = self.indices.gather(1, places.index_select(0, of_cells))
        augment, mixed = (rest[:-2], rest[-2:]) if is_mixed else (rest, ())
        share, partner = (values.index_select(0, of_cells) for values in mixed) if mixed else (None, None)
        augment = tuple(own.index_select(0, of_runs) for own in augment)
        return EpochDraws(order, one_of_each(order, self.runs), augment, share, partner)

    def _orders(self, cell: int) -> Iterator[Tensor]:
        """Per epoch (m,) places of the training set of one cell, from its seed's stream `order`.

        A permutation; with `chances` as many draws with replacement, see `lsbench.training.sampler`.
        """
        generator, size = stream(self.seeds[cell], "order"), self.indices.shape[1]
        if self.chances is None:
            while True:
                yield torch.randperm(size, generator=generator)
        chances = self.chances[cell].gather(0, self.indices[cell]).cpu()
        while True:
            yield draw_places(chances, size, generator)


def _gathered(values: Tensor | None, index: Tensor) -> Tensor | None:
    """The values (cells, b) at each cell's own places."""
    return None if values is None else values.gather(1, index)


class Mixture(NamedTuple):
    """How each example of a batch is mixed with another: share * its own + (1 - share) * its partner's."""

    share: Tensor  # (cells, 1), in [0, 1]
    partner: Tensor  # (cells, b)

    def images(self, images: Tensor) -> Tensor:
        """The mixed images, (cells, b, ...)."""
        share = self.share.view(-1, *[1] * (images.dim() - 1))
        cells = torch.arange(len(images), device=images.device).unsqueeze(1)
        return torch.lerp(images[cells, self.partner], images, share)

    def losses(self, losses_under: Callable[[Tensor], Tensor], labels: Tensor) -> Tensor:
        """The mixed loss of the mixed images under both labels, (cells, b)."""
        return self.share * losses_under(labels) + (1 - self.share) * losses_under(labels.gather(1, self.partner))


def _mixed(alpha: float, count: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Share ~ Beta(alpha, alpha), one per batch, at each of its places, and a random partner, both (count,).

    (Zhang et al., 2018, mixup)
    """
    share = torch.tensor(_beta(alpha, generator))
    return share.expand(count), torch.randperm(count, generator=generator)


def _kept_partner(partner: Tensor, kept: Tensor) -> Tensor:
    """The first kept example behind each one that is kept, going from partner to partner: it comes back to itself.

    So one that is not trained on is nobody's partner. Of a permutation drawn at random that is one of the kept
    examples, drawn at random. partner, kept: (cells, b). Each round goes twice as far, so that b places need log2 b.
    """
    own = torch.arange(partner.shape[1], device=partner.device)
    following = torch.where(kept, own, partner)
    for _ in range(partner.shape[1].bit_length()):
        following = following.gather(1, following)
    return torch.where(kept, following.gather(1, partner), partner)


def _beta(alpha: float, generator: Generator) -> float:
    """One draw of Beta(alpha, alpha); torch has no such draw from a given generator."""
    seed = int(torch.randint(2**62, (), generator=generator))
    return float(np.random.default_rng(seed).beta(alpha, alpha))
