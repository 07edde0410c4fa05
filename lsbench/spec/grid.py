"""The axes that cells are the product of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lsbench.errors import InputError, require_number, require_whole
from lsbench.spec.cell import HIGHEST_SEED


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The axes that cells are the product of, as the user gave them; `plan.expand` resolves them."""

    datasets: tuple[str, ...] = ("mnist",)
    models: tuple[str, ...] = ("mlp",)
    losses: tuple[str, ...] = ("ce", "lsr", "fused")
    eps: tuple[float, ...] = (0.1,)
    noises: tuple[str, ...] = ("symmetric",)
    noise_rates: tuple[float, ...] = (0.0,)
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    val: float = 0.1
    train_size: int | None = None
    recipe: Mapping[str, Any] = field(default_factory=dict)  # what differs from the model's own; a tuple: several
    tune: tuple[str, ...] = ()  # fields of the recipe, or eps, that are trained at a small range of values
    dedupe: bool = True  # two losses that are the same function are trained once

    def __post_init__(self) -> None:
        for name in ("datasets", "models", "losses", "eps", "noises", "noise_rates", "seeds"):
            if not getattr(self, name):
                raise InputError(f"{name} is empty; give at least one value")
        for name, value in dict(self.recipe).items():
            if value == ():
                raise InputError(f"{name} of the recipe is empty; give at least one value")
        for rate in self.noise_rates:
            require_number("noise rate", rate, 0.0, 1.0)
        for eps in self.eps:
            require_number("eps", eps, high=1.0)
        for seed in self.seeds:
            require_whole("seed", seed, 0, HIGHEST_SEED)
        require_number("val", self.val, 0.0, 0.9)
        if self.train_size is not None:
            require_whole("train size", self.train_size, 1, 10**12)
