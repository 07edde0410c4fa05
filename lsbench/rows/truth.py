"""Rows whose test labels were made wrong, measured against the published ones: for studies of what a user is told."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from lsbench.names.catalogue import METRICS
from lsbench.rows.row import Row

TRUE = "true_"  # before a metric: against the labels as they were before wrong ones were drawn
TRUE_TEST = "true_test"  # in a row's data: the test examples of each class by these labels


def with_truth(rows: Iterable[Row]) -> list[Row]:
    """The rows as they would be without `--test-noise`: the same trainings, measured against the published labels.

    The cell has no test noise and its id. Metrics, also those after temperature scaling, are the ones that a row keeps
    as `true_<metric>`. What it does not keep is left out: the user's own metrics, test curves, the histogram of
    confidences, bins, and the error at each coverage. A row without test noise is returned as it is.
    """
    return [_with_truth(row) if row.cell.test_noise_rate else row for row in rows]


def without_truth(row: Row) -> Row:
    """The row without what only somebody who made the test labels wrong knows: the true ones, and which are wrong."""
    return replace(
        row,
        metrics=_untold(row.metrics),
        scaled={way: {**after, "metrics": _untold(after["metrics"])} for way, after in row.scaled.items()},
        test_noise_record={},
        data={name: value for name, value in row.data.items() if name != TRUE_TEST},
        recall={name: value for name, value in row.recall.items() if name != TRUE_TEST},
    )


def _untold(metrics: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name: value for name, value in metrics.items() if not name.startswith(TRUE)}


def _with_truth(row: Row) -> Row:
    labels = {part: status for part, status in row.labels.items() if part != "test"}  # that of the published ones
    row = replace(row, cell=row.cell.without_test_noise, labels=labels, test_noise_record={})
    if row.status != "ok":
        return row
    return replace(
        row,
        metrics=_true(row.metrics),
        curves={name: curve for name, curve in row.curves.items() if not _is_of_test(name)},
        scaled={way: {**after, "metrics": _true(after["metrics"]), "bins": {}} for way, after in row.scaled.items()},
        sketch=None,
        risk_coverage=[],
        data=_by_true_labels(row.data),
        recall=_by_true_labels(row.recall),
    )


def _true(metrics: Mapping[str, float | None]) -> dict[str, float | None]:
    """The true metrics under their plain names, and what does not depend on test labels.

    Without true ones no label was changed, and the given metrics are the true ones.
    """
    if not any(name.startswith(TRUE) for name in metrics):
        return dict(metrics)
    true = {name.removeprefix(TRUE): value for name, value in metrics.items() if name.startswith(TRUE)}
    return {name: value for name, value in metrics.items() if name.startswith(OF_TRAINING)} | true


OF_TRAINING = ("val_", "train_")  # numbers that do not depend on test labels


def _is_of_test(name: str) -> bool:
    return name in METRICS or name.startswith(TRUE)


def _by_true_labels(data: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: value for name, value in data.items() if name != TRUE_TEST}
    return {**plain, "test": data[TRUE_TEST]} if TRUE_TEST in data else plain
