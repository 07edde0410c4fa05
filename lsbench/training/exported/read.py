"""An exported network, read again: what `lsbench predict` runs."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from lsbench.data.splits import AT_ONCE, Array
from lsbench.errors import InputError
from lsbench.models.stack import factory_of
from lsbench.training.exported.names import ABOUT, FORMAT, MEAN, NETWORK, PROGRAM, SD, TEMPERATURE, WEIGHTS
from lsbench.training.predict import to_log_probs

NEEDED = ("cell", "classes", "columns", "expects", "features", "kind", "link", "medians", "model", "shape")
BROKEN = (
    OSError,
    ValueError,
    RuntimeError,
    KeyError,
    TypeError,
    SafetensorError,
)  # what reading files that are none raises


@dataclass(frozen=True)
class Exported:
    """A network, and what is known of it."""

    about: dict[str, Any]  # network.json
    network: Callable[[Tensor], Tensor]  # standardised examples (n, ...) -> logits (n, K)
    mean: Tensor
    sd: Tensor
    temperature: float

    @property
    def classes(self) -> tuple[str, ...]:
        """(K,): their names."""
        return tuple(self.about["classes"])

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one example: (channels, height, width), or (d,)."""
        return tuple(self.about["shape"])

    def probabilities(self, examples: Array) -> Tensor:
        """(n, K) float64, of examples (n, ...) as they were read."""
        parts = [self._some(examples[start : start + AT_ONCE]) for start in range(0, len(examples), AT_ONCE)]
        return torch.cat(parts) if parts else torch.zeros(0, len(self.classes), dtype=torch.float64)

    @torch.inference_mode()
    def _some(self, examples: Array) -> Tensor:
        raw = torch.as_tensor(np.array(examples))  # a copy: a memory-mapped one can't be written to
        x = (raw.to(torch.float32) - self.mean) / self.sd if raw.dtype != torch.float64 else self._from_doubles(raw)
        return (to_log_probs(self.network(x), self.about["link"]) / self.temperature).softmax(-1)

    def _from_doubles(self, raw: Tensor) -> Tensor:
        """Of numbers with more digits than float32 has, such as dates in seconds."""
        return ((raw - self.mean) / self.sd).to(torch.float32)


def read_exported(folder: Path) -> Exported:
    """What `lsbench export` wrote below the folder; an `InputError` for anything else."""
    about = _about(folder / ABOUT)
    try:
        kept = load_file(folder / WEIGHTS)
        mean, sd, temperature = (kept.pop(name) for name in (MEAN, SD, TEMPERATURE))
        network = _network(folder, about, {name.removeprefix(NETWORK): value for name, value in kept.items()})
    except BROKEN as error:
        reason = str(error).partition("\n")[0]
        raise InputError(f"{folder} is not what `lsbench export` wrote ({reason}); export it again") from error
    return Exported(about, network, mean, sd, float(temperature))


def _about(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise InputError(f"{path.parent} has no {path.name}; give a folder that `lsbench export ID --out DIR` wrote")
    try:
        about = json.loads(path.read_bytes())
        missing = [name for name in NEEDED if name not in about]
    except (ValueError, TypeError) as error:
        raise InputError(f"{path} is not what `lsbench export` wrote ({error}); export it again") from error
    if missing or about.get("format") != FORMAT:
        what = f"lacks {', '.join(missing)}" if missing else f"has the format {about.get('format')!r}, not {FORMAT}"
        raise InputError(f"{path} {what}; export it again with this version of lsbench")
    return about


def _network(folder: Path, about: dict[str, Any], weights: dict[str, Tensor]) -> Callable[[Tensor], Tensor]:
    """The program beside the weights, of a network of the user's; else the model of that name."""
    if (program := folder / PROGRAM).exists():
        return torch.export.load(program).module()
    module = factory_of(about["model"])(tuple(about["shape"]), len(about["classes"]))
    module.load_state_dict(weights)
    return module.eval()
