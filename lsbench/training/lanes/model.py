"""A stack whose forward pass and gradient are compiled C++; all else of it is the torch stack's."""

from collections.abc import Sequence
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from lsbench.models.dropout import CellDropout
from lsbench.models.stack import StackedModel
from lsbench.training.lanes.architecture import Architecture
from lsbench.training.lanes.call import Kernel, addresses, by_lane, workspace

AT_ONCE = 64  # examples per cell that are predicted in one call


class LaneStack(StackedModel):
    """Copies of one architecture, cell i in lane i of vectors: inputs (runs, n, ...) -> logits (cells, n, K).

    Parameters and running statistics are those of the torch stack, (lanes, ...), stored with the lanes innermost, so
    that optimisers, averages, clipping and files need to know nothing of it. Lanes without a cell hold the last cell's
    numbers at first, and get no gradient.
    """

    def __init__(
        self, copies: Sequence[nn.Module], seeds: Sequence[int], network: Architecture, kernel: Kernel, threads: int = 1
    ) -> None:
        super().__init__(copies, seeds)
        self.network: Architecture = network
        self.kernel: Kernel = kernel
        self.threads: int = threads
        for parameter in self.parameters():
            parameter.data = by_lane(parameter.data, kernel.lanes)
        for layer in self.modules():
            for name, value in layer.named_buffers(recurse=False):
                setattr(layer, name, by_lane(value, kernel.lanes))
        self._in_order: list[nn.Parameter] = [self.get_parameter(f"layers.{path}") for path in network.parameters]
        layers = {layer.path: layer for layer in network.layers}
        self._norms: list[nn.Module] = [self._layer(p) for p, own in layers.items() if own.kind == "batch_norm"]
        self._drops: list[tuple[CellDropout, tuple[int, ...]]] = [
            (self._layer(path), own.options["shape"]) for path, own in layers.items() if own.kind == "dropout"
        ]
        self.room: Room = Room(kernel, threads)

    def _layer(self, path: str) -> Any:
        return self.get_submodule(f"layers.{path}")

    def forward(self, x: Tensor, runs: Sequence[int] = ()) -> Tensor:
        """As `StackedModel.forward`."""
        rows = [row for row, count in enumerate(runs) for _ in range(count)] if runs else list(range(self.cells))
        x = x.detach().contiguous()
        if self.training:
            self._count_batches()
            return Lanes.apply(self, x, rows, *self._in_order)
        with torch.no_grad():
            return self._predicted(x, rows)

    def _count_batches(self) -> None:
        for norm in self._norms:
            norm.get_buffer("num_batches_tracked").add_(1)

    def _predicted(self, x: Tensor, rows: Sequence[int]) -> Tensor:
        parts = [
            self.computed(x, rows, start, min(AT_ONCE, x.shape[1] - start)) for start in range(0, x.shape[1], AT_ONCE)
        ]
        return torch.cat(parts, 1)

    def computed(self, x: Tensor, rows: Sequence[int], start: int, count: int) -> Tensor:
        """Logits (cells, count, K) of examples start ... of x (runs, n, ...); cell i sees row rows[i]."""
        logits = workspace(count * self.network.sizes[-1], self.kernel.lanes)
        self.room.require(count, keeps=self.training)
        masks = self._masks(count) if self.training else []
        name = "forward" if self.training else "predict"
        self.kernel.run(
            name, logits=logits.data_ptr(), masks=addresses(masks), **self._arguments(x, rows, start, count)
        )
        self.room.masks = masks
        return logits.view(count, -1, self.kernel.lanes)[..., : self.cells].permute(2, 0, 1).contiguous()

    def gradients_of(self, x: Tensor, rows: Sequence[int], slopes: Tensor) -> list[Tensor]:
        """The gradients of the parameters, given those of the logits (cells, n, K), after `computed` of the same."""
        cells, count, classes = slopes.shape
        by_cell = torch.zeros(count, classes, self.kernel.lanes)
        by_cell[..., :cells] = slopes.permute(1, 2, 0)
        made = [torch.empty_like(parameter) for parameter in self._in_order]
        self.kernel.run(
            "backward",
            logits=by_cell.data_ptr(),
            masks=addresses(self.room.masks),
            gradients=addresses(made),
            **self._arguments(x, rows, 0, count),
        )
        return made

    def _arguments(self, x: Tensor, rows: Sequence[int], start: int, count: int) -> dict[str, Any]:
        size, lanes = prod(x.shape[2:]), self.kernel.lanes
        own_rows = [*rows, *[rows[-1]] * (lanes - len(rows))]
        buffers = [norm.get_buffer(name) for norm in self._norms for name in ("running_mean", "running_var")]
        return {
            "examples": count,
            "threads": self.threads,
            "rows": tuple(own_rows),
            "row_stride": x.shape[1] * size,
            "images": x.data_ptr() + 4 * start * size,
            "parameters": addresses(self._in_order),
            "buffers": addresses(buffers),
            **self.room.addresses(),
        }

    def _masks(self, count: int) -> list[Tensor]:
        """Of each dropout the factors of its inputs (count, size, lanes)."""
        return [self._mask(layer, count, shape) for layer, shape in self._drops]

    def _mask(self, layer: CellDropout, count: int, shape: tuple[int, ...]) -> Tensor:
        factors = layer(torch.ones(()).expand(self.cells, count, *shape))
        return by_lane(factors.reshape(self.cells, count, -1), self.kernel.lanes).movedim(0, -1)


class Room:
    """The memory of a step, used again by the next one."""

    def __init__(self, kernel: Kernel, threads: int) -> None:
        self.kernel = kernel
        sizes, lanes = kernel.sizes, kernel.lanes
        self.partial: Tensor = workspace(sizes["shares"] * sizes["weights"], lanes)
        self.scratch: Tensor = workspace(threads * sizes["scratch"], lanes)
        self.kept: Tensor = workspace(0, lanes)
        self.slopes: Tensor = workspace(0, lanes)
        self.masks: list[Tensor] = []
        self.step: int = 0  # how often something was kept

    def require(self, examples: int, *, keeps: bool) -> None:
        """Make it large enough."""
        sizes, lanes = self.kernel.sizes, self.kernel.lanes
        each = sizes["kept" if keeps else "predicted"]
        kept, slopes = examples * each + sizes["statistics"], examples * sizes["slopes"]
        if self.kept.numel() < kept * lanes:
            self.kept = workspace(kept, lanes)
        if keeps and self.slopes.numel() < slopes * lanes:
            self.slopes = workspace(slopes, lanes)
        self.step += 1

    def addresses(self) -> dict[str, int]:
        """Of its parts, by name."""
        return {name: getattr(self, name).data_ptr() for name in ("partial", "scratch", "kept", "slopes")}


class Lanes(torch.autograd.Function):
    """The stack as one operation of autograd."""

    @staticmethod
    def forward(ctx: Any, model: LaneStack, x: Tensor, rows: list[int], *_: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The logits (cells, n, K)."""
        logits = model.computed(x, rows, 0, x.shape[1])
        ctx.model, ctx.x, ctx.rows, ctx.step = model, x, rows, model.room.step
        return logits

    @staticmethod
    def backward(ctx: Any, slopes: Tensor) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The gradients of the parameters that are trained."""
        model: LaneStack = ctx.model
        if model.room.step != ctx.step:
            raise RuntimeError("the gradient of a batch was asked for after another batch had gone through the model")
        wanted = ctx.needs_input_grad[3:]
        made = model.gradients_of(ctx.x, ctx.rows, slopes)
        return None, None, None, *(own if is_wanted else None for own, is_wanted in zip(made, wanted, strict=True))
