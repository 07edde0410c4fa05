"""Who vouches for the labels that a row was trained on and measured against, and what a row may claim of them.

`published`: as the authors of a data set of the catalogue have them. `given`: as the user has them; some may be wrong,
and nobody knows which. `trusted`: given, and the user says that they are right. Trust changes no result, so it is in
no id.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lsbench.errors import require_choice
from lsbench.names.catalogue import TEMPERATURES
from lsbench.names.dataset_name import is_of_catalogue
from lsbench.rows.believable import STATUSES
from lsbench.rows.row import Row
from lsbench.rows.truth import without_truth
from lsbench.spec import Cell, is_oracle

PUBLISHED, GIVEN, TRUSTED = STATUSES
TRAIN, TEST = "train", "test"
LABELLED = (TRAIN, TEST)  # the parts whose labels have a status; held-out examples are of the training labels
NOISE = "noise"  # the key of `Row.labels` that says what is known of noise that was added to the training labels
UNKNOWN = "unknown"  # its value where that is taken for unknown
CLEANED_RIGHT = "truth"  # the key of `Row.cleaning` that says how right it was
WEAK = "weak"  # the key that says why the networks trained first can't tell wrong labels from their own mistakes
TRUTH = {"matrix", "clean"}  # what a temperature may need that only somebody who knows the right labels has
RENAMED = {  # a number of a row: its name where the right labels are known, and where only added noise is
    "train_accuracy_clean": "train_accuracy_unchanged",
    "train_accuracy_wrong": "train_accuracy_changed",
}


def status_of_cell(cell: Cell, part: str) -> str:
    """The status of the labels of a cell's `part`, `train` or `test`, where nobody said more: published, or given.

    Test labels that were made wrong (`test_noise_rate`) are given, whatever the data set.
    """
    require_choice("part", part, LABELLED)
    made_wrong = part == TEST and cell.test_noise_rate > 0
    return PUBLISHED if is_of_catalogue(cell.dataset) and not made_wrong else GIVEN


def status_of(row: Row, part: str) -> str:
    """The status of the labels of a row's `part`, `train` or `test`: as the row says, else by its data set."""
    return row.labels.get(part) or status_of_cell(row.cell, part)


def labels_of(cell: Cell, trusted: Iterable[str] = ()) -> dict[str, str]:
    """The status of each part, for `Row.labels`; the user vouches for the parts that are `trusted`."""
    return trusting(cell, {part: status_of_cell(cell, part) for part in LABELLED}, trusted)


def trust(rows: Iterable[Row], parts: Sequence[str]) -> list[Row]:
    """The rows with the given labels of these parts trusted; published ones stay published.

    Test labels that were made wrong stay given. `InputError`: a part that is neither train nor test.
    """
    require_parts(parts)
    return [_trusted(row, parts) for row in rows] if parts else list(rows)


def _trusted(row: Row, parts: Sequence[str]) -> Row:
    was_given = status_of(row, TRAIN) == GIVEN
    row = replace(row, labels=trusting(row.cell, row.labels, parts))
    return _with_right_labels(row) if was_given and status_of(row, TRAIN) == TRUSTED else row


def _with_right_labels(row: Row) -> Row:
    """What `only_known` left out, where the training labels are right after all and no noise was added: no measurement.

    Right labels are the given ones, so that each number by them is the one by the given labels.
    """
    if row.cell.noise_rate or row.noise_record or not row.scaled | row.metrics:
        return row
    plain = next((way for way in TEMPERATURES if way in row.scaled), None)
    oracles = {way: row.scaled[plain] for way in TEMPERATURES if plain and needs_truth(way)}
    return replace(
        row,
        metrics=_by_right_labels(row.metrics, None),
        curves=_by_right_labels(row.curves, [None] * row.cell.recipe.all_epochs),
        noise_record=_no_noise(row),
        scaled={**row.scaled, **oracles},
    )


def _by_right_labels(numbers: Mapping[str, Any], none: Any) -> dict[str, Any]:
    held_out = {f"val_clean_{name.removeprefix('val_')}": v for name, v in numbers.items() if name.startswith("val_")}
    fitted = {"train_accuracy_clean": numbers["train_accuracy"], "train_accuracy_wrong": none}
    kept = {name: value for name, value in numbers.items() if name != "train_accuracy"}
    return {**kept, **held_out, **fitted} if "train_accuracy" in numbers else dict(numbers)


def _no_noise(row: Row) -> dict[str, Any]:
    classes = range(len(row.data.get("test", ())))
    matrix = [[float(i == j) for j in classes] for i in classes]
    return {"kind": row.cell.noise, "rate": 0.0, "realised": 0.0, "matrix": matrix, "seed": row.cell.seed, "sha256": ""}


def require_parts(parts: Iterable[str]) -> None:
    """Raise an `InputError` unless each part is train or test."""
    for part in parts:
        require_choice("trust", part, LABELLED)


def trusting(cell: Cell, labels: Mapping[str, str], parts: Iterable[str]) -> dict[str, str]:
    """The labels' status, with those of `parts` trusted where they are given and no rate made them wrong."""
    vouched = {
        part: TRUSTED
        for part in parts
        if (labels.get(part) or status_of_cell(cell, part)) == GIVEN and not (part == TEST and cell.test_noise_rate)
    }
    return {**labels, **vouched}


def as_unknown(rows: Iterable[Row]) -> list[Row]:
    """The rows as a user would have them on data of their own: nobody knows which training labels are wrong.

    Training labels are given, added noise is not spoken of, and arms that need the noise matrix are left out. Of test
    labels that were made wrong the right ones are not told either.
    """
    unknown = {TRAIN: GIVEN, NOISE: UNKNOWN}
    return [
        only_known(replace(without_truth(row), labels={**row.labels, TEST: status_of(row, TEST), **unknown}))
        for row in rows
        if not is_oracle(row.cell.arm)
    ]


def as_told(rows: Iterable[Row], trusted: Sequence[str] = ()) -> list[Row]:
    """The rows as a command shows them: `trust`, without what nobody knows, and without oracle arms on given labels."""
    return [row for row in map(only_known, trust(rows, trusted)) if not is_oracle_of_given(row)]


def is_oracle_of_given(row: Row) -> bool:
    """Whether an arm was handed a noise matrix as the true one, though its training labels are given."""
    return status_of(row, TRAIN) == GIVEN and is_oracle(row.cell.arm)


def added_noise_is_known(row: Row) -> bool:
    """Whether noise that was added to the training labels may be spoken of: not after `as_unknown`."""
    return row.labels.get(NOISE) != UNKNOWN


def only_known(row: Row) -> Row:
    """The row without what nobody knows: all that was measured by training labels that are only taken for right.

    Of published and trusted labels everything is known. Of given ones left out are the realised noise and its matrix,
    numbers by "clean" held-out labels, temperatures that need these, how well wrong labels are fitted, and how right
    it was to clean them. Of noise that was added to given labels the share of `changed` labels is kept.
    """
    row = _without_test_truth(row)
    if status_of(row, TRAIN) != GIVEN:
        return row
    is_added = bool(row.cell.noise_rate)
    names = (RENAMED if added_noise_is_known(row) else {}) if is_added else {"train_accuracy_clean": "train_accuracy"}
    return replace(
        row,
        metrics=_renamed(row.metrics, names),
        curves=_renamed(row.curves, names),
        noise_record=_added(row.noise_record) if is_added and added_noise_is_known(row) else {},
        scaled={way: after for way, after in row.scaled.items() if way in TEMPERATURES and not needs_truth(way)},
        cleaning={name: value for name, value in row.cleaning.items() if name != CLEANED_RIGHT},
    )


def _without_test_truth(row: Row) -> Row:
    """Without numbers against given test labels as if these were right, where wrong ones were made on top of them."""
    if not row.cell.test_noise_rate or is_of_catalogue(row.cell.dataset):
        return row
    return replace(without_truth(row), test_noise_record=_added(row.test_noise_record))


def _renamed(numbers: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    told_apart = {*RENAMED, *RENAMED.values()}
    return {
        names.get(name, name): value
        for name, value in numbers.items()
        if name in {*names, *names.values()} or not (name in told_apart or name.startswith("val_clean_"))
    }


def _added(record: Mapping[str, Any]) -> dict[str, Any]:
    """Of the label-noise record what is known of noise on top of given labels."""
    if "matrix" not in record:
        return dict(record)
    kept = {name: record[name] for name in ("kind", "rate", "seed", "sha256") if name in record}
    return {**kept, "realised": None, "changed": record.get("realised")}


def needs_truth(way: str) -> bool:
    """Whether a way of fitting a temperature needs what only somebody has who knows the right labels."""
    return bool(TRUTH & set(TEMPERATURES[way].needs))
