"""A criterion of the user's: a number of each test example, from the log-probs that are kept beside a row."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lsbench.analysis.per_example import in_groups
from lsbench.analysis.summary import ArmResults
from lsbench.errors import InputError, require_choice, shown
from lsbench.names import resolve
from lsbench.names.few import few
from lsbench.rows.log_probs import KeptLogProbs, read_log_probs
from lsbench.rows.row import Row

LOWER, HIGHER = "lower", "higher"
NAMED = 3  # rows in a sentence
KEEP = "keep them with `lsbench run ... --save-logits`, and --rerun all for rows that are there already"
TRIED = 8  # examples that a function is tried with first


@dataclass(frozen=True)
class OwnCriterion:
    """A criterion of the user's, measured."""

    name: str  # as it was written, ./cost.py:f; the metrics of the rows have its mean by this name
    better: str  # lower or higher
    rows: tuple[Row, ...]  # all of them, with the mean over the test examples among the metrics of the ok ones
    values: Mapping[str, np.ndarray]  # of each test example (n,), by the row's id
    skipped: tuple[str, ...] = ()  # that some rows have no log-probs; their arms are not compared
    results: Path = Path("results")  # the folder of the rows

    def of_arms(self, arms: Sequence[ArmResults]) -> dict[Hashable, dict[int, np.ndarray]]:
        """The number of each test example, or group of them, by arm and seed, of the arms that are compared."""
        per_arm = {arm.key: self._of_arm(arm) for arm in arms if arm.compared(self.name)}
        return {key: numbers for key, numbers in per_arm.items() if numbers is not None}

    def _of_arm(self, arm: ArmResults) -> dict[int, np.ndarray] | None:
        ids = {row.cell.seed: row.id for row in arm.rows if row.id in self.values}
        numbers = {seed: self.values[row_id] for seed, row_id in ids.items()}
        return in_groups(numbers, next(iter(ids.values()), ""), self.results)


def measure_own(name: str, rows: Sequence[Row], results: Path | None) -> OwnCriterion:
    """The user's f(probabilities (n, K), labels (n,)) -> (n,) of every ok row; both are numpy arrays, float64, int64.

    `f.better = "higher"` says that more is better; without it less is.

    Rows without log-probs have no such number, so that their arms are not compared.

    Raises:
        InputError: no such function, one that does not give a finite number per example, or no row with log-probs.
    """
    function = resolve.load_any("metric", name)
    better = getattr(function, "better", LOWER)
    require_choice(f"{name}: .better", better, (LOWER, HIGHER))
    ok = [row for row in rows if row.status == "ok"]
    folder = results or Path("results")
    read = ((row.id, read_log_probs(row.id, folder)) for row in ok)  # one after the other: they may be large
    values = {row_id: _values(name, function, one) for row_id, one in read if one is not None}
    missing = [row for row in ok if row.id not in values]
    if missing and not values:
        raise InputError(f"--by {name} needs log-probs, and none of {len(ok)} rows has some; {KEEP}")
    measured = (
        replace(row, metrics={**row.metrics, name: float(values[row.id].mean())}) if row.id in values else row
        for row in rows
    )
    return OwnCriterion(name, better, tuple(measured), values, _skipped(missing, len(ok)), folder)


def _skipped(missing: Sequence[Row], count: int) -> tuple[str, ...]:
    if not missing:
        return ()
    named = few((f"{row.cell.arm.name} seed {row.cell.seed}" for row in missing), NAMED)
    return (f"{len(missing)} of {count} rows, which have no log-probs: {named}; {KEEP}",)


def _values(name: str, function: Callable[..., Any], read: KeptLogProbs) -> np.ndarray:
    probs, labels = np.exp(read.log_probs), read.labels
    _called(name, function, probs[:TRIED], labels[:TRIED])
    return _called(name, function, probs, labels)


def _called(name: str, function: Callable[..., Any], probs: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """What the function gives; `InputError` where it raises, or does not give a finite number per example."""
    wanted = f"--by {name} must give a finite number per example, shape ({len(labels)},)"
    try:
        values = np.asarray(function(probs.copy(), labels.copy()), float)
    except Exception as error:
        raise InputError(f"{wanted}; it raised {type(error).__name__}: {shown(str(error))}") from error
    if values.shape != labels.shape:
        raise InputError(f"{wanted}, of probabilities {probs.shape} and labels {labels.shape}; got {values.shape}")
    if not np.isfinite(values).all():
        raise InputError(f"{wanted}; got {values[~np.isfinite(values)][0]} for an example")
    return values
