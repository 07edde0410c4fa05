"""Rows as flat records, for CSV, JSON and pandas."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from lsbench.analysis.selection import HONEST
from lsbench.analysis.summary.arms import arm_order
from lsbench.analysis.summary.quantity import EXAMPLES, RECALL, SEPARABLE, TEMPERATURE, needs_truth, value_of
from lsbench.analysis.summary.setting import Setting
from lsbench.data.parts import PARTS
from lsbench.names.catalogue import METRICS, TEMPERATURES
from lsbench.names.encoding import visible
from lsbench.names.reference import is_own
from lsbench.rows.row import Row
from lsbench.rows.status import GIVEN, RENAMED, TEST, TRAIN, status_of
from lsbench.rows.truth import TRUE
from lsbench.spec import LATER, Cell, Recipe

if TYPE_CHECKING:
    import pandas as pd

EACH_EPOCH = tuple(name for name, metric in METRICS.items() if metric.each_epoch)
MEASURED = (*EACH_EPOCH, "train_accuracy_clean", "train_accuracy_wrong")
ADDED = ("balanced_accuracy",)  # numbers of later versions: new columns come after the old ones
FIRST = (
    *("id", "dataset", "model", "loss", "eps", "noise", "noise_rate", "noise_realised", "seed", "status", "epochs"),
    *(name for name in MEASURED if name not in ADDED),
    "seconds",
)
RECIPE, HYPER = "recipe.", "hyper."  # before a recipe's field, a hyperparameter
CELL = tuple(f.name for f in fields(Cell))
KEY = (  # together with those in `FIRST`, all that tells one cell from another
    *(name for name in CELL if name not in FIRST and name != "recipe"),
    *(RECIPE + f.name for f in fields(Recipe)),
)
STATUS = {"train_labels": TRAIN, "test_labels": TEST}  # who vouches for the labels
COLUMNS = (*FIRST, *(name for name in KEY if name not in LATER), *ADDED, "warnings", *LATER, *STATUS)
NUMBERS = (  # of these, those that are floats in a frame whatever its rows hold
    *("eps", "noise_rate", "noise_realised", *MEASURED, "seconds", "val", "test_noise_rate"),
    *(RECIPE + f.name for f in fields(Recipe) if f.type in (float, float | None)),
)
WHOLE = ("train_size", "folds", "noise_seed")  # whole numbers that a row may lack
OF_GIVEN = ("train_accuracy", *RENAMED.values())  # of rows whose training labels are given, in place of those names
WIDE = (  # all other numbers of a row
    *(name for name in METRICS if name not in EACH_EPOCH),
    *(f"{TRUE}{name}" for name in METRICS),
    *(f"val_{name}" for name in EACH_EPOCH),
    *(f"val_clean_{name}" for name in EACH_EPOCH),
    *(f"{rule}.{name}" for rule in HONEST for name in EACH_EPOCH if rule != "last"),
    *(f"{way}.{name}" for way in TEMPERATURES for name in (TEMPERATURE, *METRICS)),
    *(f"{SEPARABLE}.{name}" for name in ("accuracy", "confidence", "ece", "signed_error", "nll", "brier")),
    *(f"{EXAMPLES}.{part}" for part in PARTS),
)


def records(rows: Iterable[Row], *, wide: bool = False) -> list[dict[str, Any]]:
    """One dictionary per row, with `COLUMNS`, and all of `columns_of` if wide; what is not available is None.

    No two cells agree in all of `key_of`. Text that UTF-8 can't encode is written out.
    """
    rows = list(rows)
    columns = columns_of(rows, wide=wide)
    ordered = sorted(rows, key=lambda row: (Setting.of(row.cell).sort_key, arm_order(row.cell.arm), row.cell.seed))
    return [{visible(column): _column(row, column) for column in columns} for row in ordered]


def key_of(record: dict[str, Any]) -> tuple[Any, ...]:
    """The values of a record that tell its cell from every other: no id, no result, nothing derived from the others."""
    return tuple(value for name, value in record.items() if name in CELL or name in KEY)


def own_metrics(rows: Iterable[Row]) -> list[str]:
    """The names of the user's own metrics that some row has."""
    return sorted({name for row in rows for name in row.metrics if is_own(name)})


def frame(rows: Iterable[Row], *, wide: bool = False) -> "pd.DataFrame":
    """`records` as a DataFrame, with the same columns even of no rows."""
    import pandas as pd

    rows = list(rows)
    made = records(rows, wide=wide)
    columns = [visible(column) for column in columns_of(rows, wide=wide)]
    words = {name for record in made for name, value in record.items() if isinstance(value, str)}
    numbers = [name for name in columns if name in NUMBERS or (name not in COLUMNS and name not in words)]
    kinds = {**dict.fromkeys(numbers, "float"), **dict.fromkeys(WHOLE, "Int64")}
    return pd.DataFrame(made, columns=columns).astype(kinds)


def columns_of(rows: Sequence[Row], *, wide: bool) -> tuple[str, ...]:
    """The columns of these rows' records: wide, also a column per hyperparameter, every number, the user's metrics.

    What only the right training labels would tell has no column where all rows have given ones.
    """
    given = [status_of(row, TRAIN) == GIVEN for row in rows]
    columns = COLUMNS + OF_GIVEN * any(given)
    if wide:
        hyper = dict.fromkeys(HYPER + name for row in rows for name, _ in row.cell.hyper if name != "eps")
        classes = dict.fromkeys(f"{RECALL}.{name}" for row in rows for name in row.data.get("classes", ()))
        columns = (*columns, *hyper, *WIDE, *own_metrics(rows), *classes)
    return tuple(name for name in columns if not needs_truth(name)) if given and all(given) else columns


def _written(value: float | str) -> str:
    return value if isinstance(value, str) else repr(float(value) + 0.0)


def _column(row: Row, name: str) -> Any:
    value = _value(row, name)
    return visible(value) if isinstance(value, str) else value


def _value(row: Row, name: str) -> Any:
    if name == "hyper":
        return ":".join(f"{word}={_written(value)}" for word, value in row.cell.hyper)  # as in --loss gce:q=0.5
    if name == "warnings":
        return "; ".join(row.warnings)
    if name == "sources":
        return ":".join(f"{role}={digest}" for role, digest in row.cell.sources)
    if name.startswith(HYPER):
        return dict(row.cell.hyper).get(name.removeprefix(HYPER))
    if name.startswith(RECIPE):
        return getattr(row.cell.recipe, name.removeprefix(RECIPE))
    if name in (*MEASURED, *OF_GIVEN) or is_own(name):
        return row.metrics.get(name)
    if name in STATUS:
        return status_of(row, STATUS[name])
    if name in WIDE or name.startswith(f"{RECALL}."):
        return value_of(row, name) if row.status == "ok" else None
    if name == "epochs":
        return row.cell.recipe.all_epochs
    if name == "noise_realised":
        return row.noise_record.get("realised")
    return getattr(row, name) if name in ("id", "status", "seconds") else getattr(row.cell, name)
