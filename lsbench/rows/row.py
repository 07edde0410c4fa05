"""The row of a cell: what is stored of one training. Each of its values is declared here, once, and nowhere else.

To store one more value, add a field to `Row` and measure it (`lsbench.training`). What the reader of files and the
comparison of two rows need to know is in the field's metadata, a `Stored`.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, replace
from enum import Enum, auto
from typing import Any

from lsbench.rows.believable import (
    is_curves_by_name,
    is_data,
    is_labels,
    is_list_of_numbers,
    is_list_of_texts,
    is_noise_estimate,
    is_noise_record,
    is_noise_record_if_any,
    is_number,
    is_numbers_by_name,
    is_object,
    is_scaled,
    is_screening,
    is_text,
)
from lsbench.spec import Cell

SCHEMA = 1  # grows when a reader of older rows would misread newer ones
STATUSES = ("ok", "diverged", "failed")


class Compared(Enum):
    """How much a difference in one value counts when a cell was trained twice."""

    NOT = auto()  # it says how the row was made, not what came out
    BIT_FOR_BIT = auto()  # the rows are not equal; they may still be close, as other hardware rounds differently
    ALWAYS = auto()  # the rows are neither equal nor close


def _is_any(value: Any) -> bool:  # noqa: ARG001 - the signature of `Stored.is_valid`
    return True


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What is known of one value of a row, beside its type and its default."""

    meaning: str
    key: str = ""  # in the file, where it is not the field's name
    is_valid: Callable[[Any], bool] = _is_any  # whether a file's value can be one: see `lsbench.rows.believable`
    since_first: bool = True  # whether the rows of every version have it; the default stands for it in those without
    compared: Compared = Compared.BIT_FOR_BIT


def _stored(
    meaning: str,
    is_valid: Callable[[Any], bool] = _is_any,
    *,
    key: str = "",
    since_first: bool = True,
    compared: Compared = Compared.BIT_FOR_BIT,
) -> dict[str, Stored]:
    """The metadata of a field of `Row`."""
    return {"stored": Stored(meaning=meaning, key=key, is_valid=is_valid, since_first=since_first, compared=compared)}


@dataclass(frozen=True, kw_only=True)
class Row:
    """The stored result of one cell; what is not available is None."""

    cell: Cell = field(metadata=_stored("what was trained", compared=Compared.ALWAYS))
    status: str = field(
        metadata=_stored(
            "ok; diverged: a loss or a logit was not finite; failed: an error ended it", compared=Compared.ALWAYS
        )
    )
    error: str | None = field(default=None, metadata=_stored("one line, of a cell that is not ok", is_text))
    metrics: dict[str, float | None] = field(
        default_factory=dict,
        metadata=_stored("of the test set after the last epoch, and of the memorised wrong labels", is_numbers_by_name),
    )
    curves: dict[str, list[float | None]] = field(
        default_factory=dict,
        metadata=_stored("a metric per epoch; its last value is that of metrics", is_curves_by_name),
    )
    noise_record: dict[str, Any] = field(
        default_factory=dict,
        metadata=_stored(
            "the label-noise record of the training labels: see lsbench.noise.noise_record",
            is_noise_record,
            key="passport",  # as the first rows called it
            compared=Compared.ALWAYS,
        ),
    )
    test_noise_record: dict[str, Any] = field(
        default_factory=dict,
        metadata=_stored(
            "the same of the test labels, of a cell whose test labels were made wrong",
            is_noise_record_if_any,
            since_first=False,
            compared=Compared.ALWAYS,
        ),
    )
    scaled: dict[str, Any] = field(
        default_factory=dict,
        metadata=_stored(
            "the test set after temperature scaling, per way of fitting the temperature", is_scaled, since_first=False
        ),
    )
    sketch: str | None = field(
        default=None,
        metadata=_stored(
            "the test set's confidences, a histogram of 3840 cells: see lsbench.rows.sketch", is_text, since_first=False
        ),
    )
    risk_coverage: list[float] = field(
        default_factory=list,
        metadata=_stored(
            "error rate of the 1 %, 2 %, ... 100 % of largest confidence", is_list_of_numbers, since_first=False
        ),
    )
    recall: dict[str, list[float | None]] = field(
        default_factory=dict,
        metadata=_stored(
            "of each class the share of its test examples that are predicted as it, by the part of lsbench.data.counts"
            " whose labels they are; None for a class without any",
            is_curves_by_name,
            since_first=False,
        ),
    )
    noise_estimate: dict[str, Any] = field(
        default_factory=dict,
        metadata=_stored(
            "from predictions of the held-out examples: see lsbench.noise.estimate_noise",
            is_noise_estimate,
            since_first=False,
        ),
    )
    data: dict[str, Any] = field(
        default_factory=dict,
        metadata=_stored("examples of each class, per part: see lsbench.data.counts", is_data, since_first=False),
    )
    labels: dict[str, str] = field(
        default_factory=dict,
        metadata=_stored(
            "who vouches for the training and the test labels: see lsbench.rows.status",
            is_labels,
            since_first=False,
            compared=Compared.NOT,
        ),
    )
    cleaning: dict[str, Any] = field(
        default_factory=dict,
        metadata=_stored(
            "what networks that were trained first led to: see lsbench.training.cross_fit", is_object, since_first=False
        ),
    )
    networks: int = field(default=1, metadata=_stored("how many networks it trained", is_number, since_first=False))
    seconds: float | None = field(
        default=None,
        metadata=_stored(
            "wall-clock of the stack, divided by its cells, and that of the networks trained first, though shared",
            is_number,
            compared=Compared.NOT,
        ),
    )
    engine: dict[str, Any] = field(
        default_factory=dict,
        metadata=_stored(
            "what computed its steps: name, why, convolutions that are not grouped; see lsbench.training.step_engine",
            is_object,
            since_first=False,
            compared=Compared.NOT,
        ),
    )
    stack: list[str] = field(
        default_factory=list,
        metadata=_stored(
            "the ids of the cells it was trained with, its own included", is_list_of_texts, compared=Compared.NOT
        ),
    )
    provenance: dict[str, Any] = field(
        default_factory=dict,
        metadata=_stored(
            "versions, hardware and command: see lsbench.rows.provenance", is_object, compared=Compared.NOT
        ),
    )
    warnings: list[str] = field(
        default_factory=list,
        metadata=_stored(
            "what makes its numbers doubtful, noticed before training or in the networks that are trained first",
            is_list_of_texts,
            since_first=False,
            compared=Compared.NOT,
        ),
    )
    screening: dict[str, Any] = field(
        default_factory=dict,
        metadata=_stored(
            "how its loss was chosen, where a cheaper study chose it: see lsbench.spec.Screening",
            is_screening,
            since_first=False,
            compared=Compared.NOT,
        ),
    )
    schema: int = field(default=SCHEMA, metadata=_stored("the version of the file's form", compared=Compared.NOT))
    examples: bytes | None = field(default=None, repr=False, compare=False)  # a file of its own: lsbench.rows.examples
    predictions: bytes | None = field(default=None, repr=False, compare=False)  # likewise: lsbench.rows.predictions

    @property
    def id(self) -> str:
        """The cell's."""
        return self.cell.id


STORED: dict[str, Stored] = {
    value.name: value.metadata["stored"] for value in fields(Row) if "stored" in value.metadata
}
CHECKS = {name: stored.is_valid for name, stored in STORED.items() if stored.is_valid is not _is_any}
KEYS = {name: stored.key or name for name, stored in STORED.items()}  # in a row's file, by the field's name


def as_json(row: Row) -> dict[str, Any]:
    """The row as plain values under the keys of its file."""
    return {KEYS[name]: value for name, value in as_values(row).items()}


def as_values(row: Row) -> dict[str, Any]:
    """What its file holds as plain values, by the field's name."""
    return {name: value for name, value in asdict(without_files(row)).items() if name in STORED}


def without_files(row: Row) -> Row:
    """The row without what files of their own hold: these are large, and thousands of rows stay in memory."""
    return replace(row, examples=None, predictions=None)
