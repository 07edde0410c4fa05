"""What one epoch draws: the order of the examples, their augmentation, their partners in mixup.

All of it is drawn on the CPU before the epoch begins, and brought to the device once, so that no step waits for a copy.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import torch
from torch import Tensor

Item = TypeVar("Item")


@dataclass(frozen=True)
class EpochDraws:
    """Columns are places in the epoch, batch after batch; m of them in all, or those of one batch."""

    order: Tensor  # (cells, m): which examples of the data set
    rows: Tensor  # (runs, m): the same, once for neighbouring cells that see the same ones
    augment: tuple[Tensor, ...] = ()  # (runs, m, numbers), of each change of the augmentation
    share: Tensor | None = None  # (cells, m): of each batch, at each of its places; None without mixup
    partner: Tensor | None = None  # (cells, m): a place in the same batch; None without mixup

    def between(self, start: int, stop: int) -> "EpochDraws":
        """Those columns, as views."""
        return self.map(lambda values: values[:, start:stop])

    def at(self, places: Tensor) -> "EpochDraws":
        """The columns at these places (b,), which may be on the device."""
        return self.map(lambda values: values.index_select(1, places))

    def batches(self, size: int) -> Iterator["EpochDraws"]:
        """Batch by batch; the last one may be smaller."""
        for start in range(0, self.order.shape[1], size):
            yield self.between(start, start + size)

    def map(self, change: Callable[[Tensor], Tensor]) -> "EpochDraws":
        """The same with each tensor changed."""
        return EpochDraws(**{field.name: _mapped(getattr(self, field.name), change) for field in fields(self)})

    def tensors(self) -> list[Tensor]:
        """All of them, in one order."""
        own = [self.order, self.rows, *self.augment, self.share, self.partner]
        return [values for values in own if values is not None]


def _mapped(values: Any, change: Callable[[Tensor], Tensor]) -> Any:
    if isinstance(values, tuple):
        return tuple(map(change, values))
    return None if values is None else change(values)


def upload(values: Tensor, device: torch.device) -> Tensor:
    """CPU values on the device. On a GPU the copy is made when the work before it is done, and nobody waits for it."""
    return values if device.type == "cpu" else values.pin_memory().to(device, non_blocking=True)


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The same items, each made in a thread while the one before is used."""
    end = object()
    with ThreadPoolExecutor(1, "draws") as thread:
        coming = thread.submit(next, items, end)
        while (item := coming.result()) is not end:
            coming = thread.submit(next, items, end)
            yield item  # pyright: ignore[reportReturnType]
