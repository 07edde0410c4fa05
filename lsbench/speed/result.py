"""What was measured, as plain values; what could not be had is None."""

import math
from dataclasses import asdict, dataclass
from typing import Any

from lsbench.speed.options import DTYPES, SpeedOptions


@dataclass(frozen=True, kw_only=True)
class FormCost:
    """What the loss and its gradient cost in one form at one shape."""

    form: str
    reason: str | None = None  # why it could not run
    seconds: float | None = None  # of a forward and a backward pass; the median of the turns
    whole_seconds: float | None = None  # of a GPU: what a program waits for, launches included; `seconds` has none
    turns: int | None = None
    speed_up: float | None = None  # how many times as fast as F.cross_entropy(label_smoothing=eps)
    copies: float | None = None  # its time in copies of the logits, which read and write them once: 1 is the least
    bytes_per_logit: float | None = None  # which would take its time at the speed of a copy
    bandwidth: float | None = None  # bytes/s of useful traffic: every logit read once, every gradient written once
    peak_bytes: int | None = None  # the most memory beyond the logits, the gradient included
    loss_error: float | None = None  # |loss - exact| / |exact|
    gradient_error: float | None = None  # max |gradient - exact| / max |exact|


@dataclass(frozen=True, kw_only=True)
class ShapeCosts:
    """The forms at one shape in one dtype."""

    dtype: str
    rows: int
    classes: int
    copy_seconds: float | None  # one copy of the logits, into a buffer that is there
    costs: tuple[FormCost, ...]

    @property
    def shape(self) -> str:
        """As a person writes it."""
        return f"{self.rows}x{self.classes}"

    @property
    def logits_bytes(self) -> int:
        """The size of the logits."""
        return DTYPES[self.dtype] * self.rows * self.classes

    @property
    def copy_bandwidth(self) -> float | None:
        """Bytes/s that a copy reads and writes."""
        return None if self.copy_seconds is None else 2 * self.logits_bytes / self.copy_seconds


@dataclass(frozen=True, kw_only=True)
class SpeedStudy:
    """All that was asked for."""

    asked: SpeedOptions
    hardware: str | None  # the processor's or the GPU's own name
    torch: str  # its version
    buffers: str  # large ones: fresh, reused, or what else the allocator does
    shapes: tuple[ShapeCosts, ...]  # by dtype, then as they were asked for

    def of_dtype(self) -> dict[str, list[ShapeCosts]]:
        """The shapes of each dtype."""
        return {name: [at for at in self.shapes if at.dtype == name] for name in self.asked.dtypes}

    def as_json(self) -> dict[str, Any]:
        """Plain values, with null for what is not a finite number."""
        plain_study = asdict(self)
        for at, plain_shape in zip(self.shapes, plain_study["shapes"], strict=True):
            plain_shape.update(logits_bytes=at.logits_bytes, copy_bandwidth=at.copy_bandwidth)
            plain_shape["costs"] = [
                {name: _finite(value) for name, value in cost.items()} for cost in plain_shape["costs"]
            ]
        return plain_study


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
