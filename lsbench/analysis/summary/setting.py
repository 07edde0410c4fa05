"""A setting: what all rows of one table share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from operator import attrgetter
from typing import Any

from lsbench.rows.row import Row
from lsbench.rows.status import GIVEN, PUBLISHED, TEST, TRAIN, TRUSTED, added_noise_is_known, status_of, status_of_cell
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
    train_labels: str = field(default=PUBLISHED, compare=False, repr=False)  # their status: `lsbench.rows.status`
    test_labels: str = field(default=PUBLISHED, compare=False, repr=False)
    noise_is_known: bool = field(default=True, compare=False, repr=False)  # False: added noise is not spoken of

    @classmethod
    def of(cls, cell: Cell) -> "Setting":
        """The setting a cell belongs to; nobody vouches for labels that are not published."""
        shared: dict[str, Any] = dict(zip(SHARED, _shared(cell), strict=True))
        tested = status_of_cell(cell, TEST)
        return cls(**shared, sources=_sources(cell), train_labels=status_of_cell(cell, TRAIN), test_labels=tested)

    @classmethod
    def of_rows(cls, rows: Sequence[Row]) -> "Setting":
        """The setting that rows share, with the status of their labels: given, where that of any finished row is."""
        finished = [row for row in rows if row.status == "ok"] or rows
        return replace(
            cls.of(rows[0].cell),
            train_labels=_weakest(status_of(row, TRAIN) for row in finished),
            test_labels=_weakest(status_of(row, TEST) for row in finished),
            noise_is_known=all(map(added_noise_is_known, rows)),
        )

    @property
    def trains_on_given(self) -> bool:
        """Whether nobody knows which training labels are wrong."""
        return self.train_labels == GIVEN

    @property
    def tests_on_given(self) -> bool:
        """Whether nobody knows which test labels are wrong."""
        return self.test_labels == GIVEN

    @property
    def noise_is_told(self) -> bool:
        """Whether noise has a name and a rate here: that of published or trusted labels, and added noise."""
        return self.noise_is_known and bool(self.noise_rate or not self.trains_on_given)

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
    groups: dict[Any, list[Row]] = {}  # by the setting's values: ten thousand settings take a while to make
    for row in rows:
        groups.setdefault((_shared(row.cell), _sources(row.cell)), []).append(row)
    settings = {Setting.of_rows(group): group for group in groups.values()}
    return {setting: settings[setting] for setting in sorted(settings, key=lambda s: s.sort_key)}


SHARED = tuple(f.name for f in fields(Setting) if f.compare and f.name != "sources")
_shared = attrgetter(*SHARED)


def _sources(cell: Cell) -> tuple[tuple[str, str], ...]:
    """Of all but the loss, which differs from arm to arm."""
    return tuple(source for source in cell.sources if source[0] != "loss") if cell.sources else ()


def _weakest(statuses: Iterable[str]) -> str:
    """Of the labels that several rows share: given, if they are that to one of them; then trusted, then published."""
    there = set(statuses)
    return next(status for status in (GIVEN, TRUSTED, PUBLISHED) if status in there)
