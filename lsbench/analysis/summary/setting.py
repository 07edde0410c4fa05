"""A setting: what all rows of one table share."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from lsbench.rows.row import Row
from lsbench.spec import NO_NOISE, Cell, Recipe


@dataclass(frozen=True)
class Setting:
    """A data set, a model, a recipe, a noise: everything but the loss, its hyperparameters and the seed."""

    dataset: str
    fingerprint: str
    model: str
    noise: str
    noise_rate: float
    val: float
    train_size: int | None
    recipe: Recipe
    protocol: int
    folds: int | None = None  # this and the next four: see `Cell`
    noise_seed: int | None = None
    test_noise: str = NO_NOISE
    test_noise_rate: float = 0.0
    test_noise_seed: int = 0
    sources: tuple[tuple[str, str], ...] = ()  # of the model and the noise, where they are the user's own

    @classmethod
    def of(cls, cell: Cell) -> "Setting":
        """The setting a cell belongs to."""
        shared = {f.name: getattr(cell, f.name) for f in fields(cls)}
        return cls(**{**shared, "sources": tuple(source for source in cell.sources if source[0] != "loss")})

    @property
    def name(self) -> "Setting":
        """The same, without the versions of the user's code and data."""
        return replace(self, fingerprint="", sources=())

    @property
    def sort_key(self) -> tuple[Any, ...]:
        """Tables come in this order."""
        return (
            self.dataset,
            self.model,
            self.noise,
            self.noise_rate,
            repr(self.recipe),
            self.val,
            self.train_size or 0,
            self.folds or 0,
            -1 if self.noise_seed is None else self.noise_seed,
            (self.test_noise, self.test_noise_rate, self.test_noise_seed),
            self.sources,
        )


def by_setting(rows: Iterable[Row]) -> dict[Setting, list[Row]]:
    """The rows of each setting, in the settings' order."""
    settings: dict[Setting, list[Row]] = {}
    for row in rows:
        settings.setdefault(Setting.of(row.cell), []).append(row)
    return {setting: settings[setting] for setting in sorted(settings, key=lambda s: s.sort_key)}
