"""From rows to what a table shows: one setting per table, one arm per line, statistics over paired seeds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from lsbench.catalogue import LOSSES, METRICS
from lsbench.spec import Cell, Recipe
from lsbench.statistics import (
    Difference,
    Spread,
    effect_size,
    holm,
    paired_difference,
    seeds_needed,
    spread,
    t_test_p,
)
from lsbench.store import Row

if TYPE_CHECKING:
    import pandas as pd

BASELINE = "ce"
COMPARED = ("accuracy", "ece", "nll", "brier")  # the columns in which a winner may be marked
MEASURED = (
    *(name for name, metric in METRICS.items() if metric.each_epoch),
    "train_accuracy_clean",
    "train_accuracy_wrong",
)
COLUMNS = (
    *("id", "dataset", "model", "loss", "eps", "noise", "noise_rate", "noise_realised", "seed", "status", "epochs"),
    *MEASURED,
    "seconds",
)


@dataclass(frozen=True)
class Setting:
    """What all rows of one table share."""

    dataset: str
    fingerprint: str
    model: str
    noise: str
    noise_rate: float
    val: float
    train_size: int | None
    recipe: Recipe
    protocol: int

    @classmethod
    def of(cls, cell: Cell) -> "Setting":
        """The setting a cell belongs to."""
        return cls(**{f.name: getattr(cell, f.name) for f in fields(cls)})

    @property
    def sort_key(self) -> tuple:
        """Tables come in this order."""
        return (
            self.dataset,
            self.model,
            self.noise,
            self.noise_rate,
            repr(self.recipe),
            self.val,
            self.train_size or 0,
        )


@dataclass(frozen=True)
class Arm:
    """One line of a table: a loss with its hyperparameters, over its seeds."""

    loss: str
    hyper: tuple[tuple[str, float], ...]
    spreads: Mapping[str, Spread | None]  # of each measured number
    against_baseline: Difference | None  # accuracy minus that of `ce` at the same seeds; None for `ce` itself
    p_holm: float | None  # of that difference, by the paired t-test, adjusted for all comparisons of the table
    seeds_to_decide: int | None  # with which a difference of this size is found 4 times in 5; None where decided
    best_in: frozenset[str]  # the compared columns in which it beats every other arm beyond the interval
    seconds_per_epoch: float
    n: int


@dataclass(frozen=True)
class Summary:
    """One table: a setting, its arms in the catalogue's order, and the cells that gave no number."""

    setting: Setting
    arms: tuple[Arm, ...]
    lost: tuple[Row, ...]
    noise_realised: float | None
    origins: tuple[str, ...]  # versions and devices its rows were made with; more than one is worth a warning


def summarise(rows: Iterable[Row]) -> list[Summary]:
    """One summary per setting, in the settings' order."""
    settings: dict[Setting, list[Row]] = {}
    for row in rows:
        settings.setdefault(Setting.of(row.cell), []).append(row)
    return [_summary(setting, settings[setting]) for setting in sorted(settings, key=lambda s: s.sort_key)]


def records(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """One dictionary per row, with `COLUMNS`; a number that is not available is None."""
    ordered = sorted(rows, key=lambda row: (Setting.of(row.cell).sort_key, _arm_order(row.cell), row.cell.seed))
    return [{column: _column(row, column) for column in COLUMNS} for row in ordered]


def frame(rows: Iterable[Row]) -> "pd.DataFrame":
    """`records` as a DataFrame, with the same columns even of no rows."""
    import pandas as pd

    numbers = dict.fromkeys(("eps", "noise_rate", "noise_realised", *MEASURED, "seconds"), float)
    return pd.DataFrame(records(rows), columns=list(COLUMNS)).astype(numbers)


def _column(row: Row, name: str) -> Any:
    if name in MEASURED:
        return row.metrics.get(name)
    if name == "epochs":
        return row.cell.recipe.epochs
    if name == "noise_realised":
        return row.passport.get("realised")
    return getattr(row, name) if name in ("id", "status", "seconds") else getattr(row.cell, name)


def _summary(setting: Setting, rows: Sequence[Row]) -> Summary:
    arms: dict[tuple, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (_arm_order(row.cell), row.cell.seed)):
        if row.status == "ok":
            arms.setdefault((row.cell.loss, row.cell.hyper), []).append(row)
    values = {arm: {name: _by_seed(of, name) for name in MEASURED} for arm, of in arms.items()}
    best = {name: _winner(name, {arm: of[name] for arm, of in values.items()}) for name in COMPARED}
    baseline = next((arm for arm in arms if arm[0] == BASELINE), None)
    p_values = _p_values({arm: of["accuracy"] for arm, of in values.items()}, baseline)
    realised = spread([r for row in rows if (r := row.passport.get("realised")) is not None])
    return Summary(
        setting,
        tuple(
            Arm(
                *arm,
                spreads={name: spread(list(of.values())) for name, of in values[arm].items()},
                against_baseline=_difference(values, arm, baseline),
                p_holm=p_values.get(arm),
                seeds_to_decide=_seeds_to_decide(values, arm, baseline),
                best_in=frozenset(name for name in COMPARED if best[name] == arm),
                seconds_per_epoch=sum(row.seconds or 0 for row in of_arm) / len(of_arm) / setting.recipe.epochs,
                n=len(of_arm),
            )
            for arm, of_arm in arms.items()
        ),
        tuple(row for row in rows if row.status != "ok"),
        realised and realised.mean,
        tuple(sorted({_origin(row) for row in rows if row.status == "ok"})),
    )


def _origin(row: Row) -> str:
    of = row.provenance
    versions = ", ".join(f"{name} {of.get(name)}" for name in ("lsbench", "torch", "python"))
    return f"{versions}, {of.get('device', 'unknown device')}"


def _arm_order(cell: Cell) -> tuple:
    known = list(LOSSES)
    return (known.index(cell.loss) if cell.loss in known else len(known), cell.loss, cell.hyper)


def _by_seed(rows: Iterable[Row], name: str) -> dict[int, float]:
    return {row.cell.seed: value for row in rows if (value := row.metrics.get(name)) is not None}


def _paired(a: Mapping[int, float], b: Mapping[int, float]) -> Difference | None:
    return paired_difference(*_pairs(a, b))


def _difference(values: Mapping[tuple, Mapping], arm: tuple, baseline: tuple | None) -> Difference | None:
    if baseline is None or arm == baseline:
        return None
    return _paired(values[arm]["accuracy"], values[baseline]["accuracy"])


def _pairs(a: Mapping[int, float], b: Mapping[int, float]) -> tuple[list[float], list[float]]:
    seeds = sorted(a.keys() & b.keys())
    return [a[seed] for seed in seeds], [b[seed] for seed in seeds]


def _p_values(arms: Mapping[tuple, Mapping[int, float]], baseline: tuple | None) -> dict[tuple, float]:
    """Holm's adjusted p-values of every arm that can be compared with the baseline."""
    if baseline is None:
        return {}
    found = {arm: t_test_p(*_pairs(of, arms[baseline])) for arm, of in arms.items() if arm != baseline}
    known = {arm: p for arm, p in found.items() if p is not None}
    return dict(zip(known, holm(list(known.values())), strict=True))


def _seeds_to_decide(values: Mapping[tuple, Mapping], arm: tuple, baseline: tuple | None) -> int | None:
    difference = _difference(values, arm, baseline)
    if baseline is None or difference is None or difference.decided:
        return None
    effect = effect_size(*_pairs(values[arm]["accuracy"], values[baseline]["accuracy"]))
    return None if effect is None else seeds_needed(effect)


def _winner(name: str, arms: Mapping[tuple, Mapping[int, float]]) -> tuple | None:
    """The arm whose paired interval against each of the others is on its side of 0, if there is one."""
    sign = 1 if METRICS[name].better == "higher" else -1
    for arm, of in arms.items():
        gaps = [_paired(of, other) for rival, other in arms.items() if rival != arm]
        if gaps and all(gap and gap.decided and gap.mean * sign > 0 for gap in gaps):
            return arm
    return None
