"""The axes that cells are the product of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lsbench.errors import DtypeError, InputError, require_number, require_whole
from lsbench.spec.cell import HIGHEST_SEED

SAME = "same"  # a test noise rate: that of the training noise, of each cell its own


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The axes that cells are the product of, as the user gave them; `plan.expand` resolves them."""

    datasets: tuple[str, ...] = ("mnist",)
    models: tuple[str, ...] = ()  # none: of each data set the usual one of its kind
    losses: tuple[str, ...] = ("ce", "lsr", "fused")
    eps: tuple[float, ...] = (0.1,)
    noises: tuple[str, ...] = ("symmetric",)
    noise_rates: tuple[float, ...] = (0.0,)
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    noise_seed: int | None = None  # of the wrong training labels of all seeds; None: each seed draws its own
    test_noise: str | None = None  # kind of the wrong test labels; None: that of the training noise
    test_noise_rate: float | str = 0.0  # a rate, or SAME
    test_noise_seed: int = 0
    val: float | None = None  # share of the training set held out; None: by the data set
    folds: int | None = None  # of which each seed holds out one, in place of val
    train_size: int | None = None
    recipe: Mapping[str, Any] = field(default_factory=dict)  # what differs from the model's own; a tuple: several
    tune: tuple[str, ...] = ()  # fields of the recipe, or eps, that are trained at a small range of values
    dedupe: bool = True  # two losses that are the same function are trained once

    def __post_init__(self) -> None:
        for name in ("datasets", "losses", "eps", "noises", "noise_rates", "seeds"):
            if not getattr(self, name):
                raise InputError(f"{name} is empty; give at least one value")
        for name, value in dict(self.recipe).items():
            if value == ():
                raise InputError(f"{name} of the recipe is empty; give at least one value")
        for rate in self.noise_rates:
            _require_rate(rate)
        for eps in self.eps:
            require_number("eps", eps, high=1.0)
        for seed in self.seeds:
            require_whole("seed", seed, 0, HIGHEST_SEED)
        if self.noise_seed is not None:
            require_whole("noise seed", self.noise_seed, 0, HIGHEST_SEED)
        self._require_test_noise()
        if self.val is not None:
            require_number("val", self.val, 0.0, 0.9)
        if self.folds is not None:
            require_whole("folds", self.folds, 2, 10**6)
        if self.val is not None and self.folds is not None:
            raise InputError("val holds out a share of the examples, and folds each of them once: leave out one")
        if self.train_size is not None:
            require_whole("train size", self.train_size, 1, 10**12)

    def _require_test_noise(self) -> None:
        require_whole("test noise seed", self.test_noise_seed, 0, HIGHEST_SEED)
        if self.test_noise_rate == SAME:
            return
        if isinstance(self.test_noise_rate, str):
            raise InputError(f"test noise takes a rate in [0, 1], or {SAME}; got {self.test_noise_rate!r}")
        require_number("test noise", self.test_noise_rate, 0.0, 1.0)
        if not self.test_noise_rate and (self.test_noise is not None or self.test_noise_seed):
            raise InputError(
                "a kind or a seed of test noise has no effect without a rate: add --test-noise 0.2, or"
                f" --test-noise {SAME}"
            )


def _require_rate(rate: float) -> None:
    """A share, in [0, 1]; of what may be a percentage it is said how that is written."""
    try:
        require_number("noise rate", rate, 0.0, 1.0)
    except DtypeError:
        raise  # not a number, so no percentage
    except InputError as error:
        percent = f"; {rate:g} % is written {rate / 100:g}" if 1 < rate <= 100 else ""
        raise InputError(f"{error}{percent}") from error
