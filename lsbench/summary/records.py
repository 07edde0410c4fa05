"""Rows as flat records, for CSV, JSON and pandas."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from lsbench.catalogue import METRICS, TEMPERATURES
from lsbench.reference import is_own
from lsbench.selection import HONEST
from lsbench.store import Row
from lsbench.summary.arms import arm_order
from lsbench.summary.quantity import OPTIMUM, TEMPERATURE, value_of
from lsbench.summary.setting import Setting

if TYPE_CHECKING:
    import pandas as pd

EACH_EPOCH = tuple(name for name, metric in METRICS.items() if metric.each_epoch)
MEASURED = (*EACH_EPOCH, "train_accuracy_clean", "train_accuracy_wrong")
COLUMNS = (
    *("id", "dataset", "model", "loss", "eps", "noise", "noise_rate", "noise_realised", "seed", "status", "epochs"),
    *MEASURED,
    "seconds",
)
WIDE = (  # what else a row tells
    *(name for name in METRICS if name not in EACH_EPOCH),
    *(f"val_{name}" for name in EACH_EPOCH),
    *(f"val_clean_{name}" for name in EACH_EPOCH),
    *(f"{rule}.{name}" for rule in HONEST for name in EACH_EPOCH if rule != "last"),
    *(f"{way}.{name}" for way in TEMPERATURES for name in (TEMPERATURE, *METRICS)),
    *(f"{OPTIMUM}.{name}" for name in ("accuracy", "confidence", "ece", "signed_error", "nll", "brier")),
)


def records(rows: Iterable[Row], *, wide: bool = False) -> list[dict[str, Any]]:
    """One dictionary per row, with `COLUMNS`, and `WIDE` if asked; a number that is not available is None."""
    rows = list(rows)
    columns = (*columns_of(wide=wide), *(own_metrics(rows) if wide else ()))
    ordered = sorted(rows, key=lambda row: (Setting.of(row.cell).sort_key, arm_order(row.cell), row.cell.seed))
    return [{column: _column(row, column) for column in columns} for row in ordered]


def own_metrics(rows: Iterable[Row]) -> list[str]:
    """The names of the user's own metrics that some row has."""
    return sorted({name for row in rows for name in row.metrics if is_own(name)})


def frame(rows: Iterable[Row], *, wide: bool = False) -> "pd.DataFrame":
    """`records` as a DataFrame, with the same columns even of no rows."""
    import pandas as pd

    rows = list(rows)
    measured = (*MEASURED, *((*WIDE, *own_metrics(rows)) if wide else ()))
    numbers = dict.fromkeys(("eps", "noise_rate", "noise_realised", *measured, "seconds"), float)
    return pd.DataFrame(
        records(rows, wide=wide), columns=[*columns_of(wide=wide), *(own_metrics(rows) if wide else ())]
    ).astype(numbers)


def columns_of(*, wide: bool) -> tuple[str, ...]:
    """The columns of a record."""
    return (*COLUMNS, *WIDE) if wide else COLUMNS


def _column(row: Row, name: str) -> Any:
    if name in MEASURED or is_own(name):
        return row.metrics.get(name)
    if name in WIDE:
        return value_of(row, name) if row.status == "ok" else None
    if name == "epochs":
        return row.cell.recipe.all_epochs
    if name == "noise_realised":
        return row.passport.get("realised")
    return getattr(row, name) if name in ("id", "status", "seconds") else getattr(row.cell, name)
