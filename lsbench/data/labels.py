"""Somebody else's labels, brought to class numbers 0..K-1, and what each number stood for."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from lsbench.data.class_order import by_number_or_name
from lsbench.data.splits import Splits
from lsbench.errors import DtypeError, InputError

Value = int | float | str  # a label as it was given

MOST_CLASSES = 100_000
MOST_FRACTIONS = 20  # different labels, where some are not whole: what has more is measured, not classified
EXAMPLES_EACH = 4  # that each of those has on average
SHOWN = 5  # labels in a sentence
NO_LABEL = (-1, -100)  # marks of examples without a label, by custom; -100 is torch's ignore_index
NO_LABEL_WORDS = ("?", "na", "n/a", "#n/a", "<na>", "nan", "null", "none", "unknown", "unlabeled", "unlabelled")


def tidy_labels(what: str, labels: np.ndarray) -> np.ndarray:
    """Labels as (n,), one per example: int64 where all are whole, else float64, or text.

    (n, 1) is taken as (n,); rows of one 1 and else 0, (n, K), as the place of the 1.
    `InputError`: several labels per example, NaN, or too large. `DtypeError`: neither numbers nor text.
    """
    labels = _as_text(what, labels) if labels.dtype.kind in "OSU" else labels
    if labels.dtype.kind not in "buifU":
        raise DtypeError(f"{what} must be class numbers or names, got dtype {labels.dtype}")
    labels = _one_each(what, labels)
    return _as_numbers(what, labels) if labels.dtype.kind != "U" else labels


def map_labels(what: str, splits: Splits) -> Splits:
    """The same with labels 0..K-1: the training labels are the classes, by number, or text by `by_number_or_name`.

    Labels that are 0..K-1 stay; of others `label_map` says what each class number stood for. `classes` has a name for
    every class. `InputError`: one class, numbers that look measured, or a label of the test or validation set that no
    training example has.
    """
    votes = splits.train_votes
    train = np.asarray(splits.train_labels) if votes is None else votes.values[votes.weights > 0]
    values = _values(train)
    require_classes(what, train, len(values))
    numbers = {value: number for number, value in enumerate(values)}
    mapped: dict[str, Any] = {
        f"{part}_labels": _mapped(what, part, labels, numbers) for part, labels in _labels_of(splits)
    }
    if votes is not None:
        mapped["train_votes"] = replace(votes, values=_said(what, votes.values, votes.weights > 0, numbers))
    is_same = values == list(range(len(values)))
    names = class_names(values, splits.classes)
    return splits._replace(**mapped, classes=names, label_map=() if is_same else tuple(values))


def _said(what: str, values: np.ndarray, said: np.ndarray, numbers: dict[Value, int]) -> np.ndarray:
    """Several people's labels as class numbers; 0 where nobody said so."""
    mapped = np.zeros(values.shape, np.int64)
    mapped[said] = _mapped(what, "train", values[said], numbers)
    return mapped


def class_names(values: list[Value], names: tuple[str, ...]) -> tuple[str, ...]:
    """A name for each class: those that the data set knows, one for each or one for each number, or the labels."""
    if len(names) == len(values):
        return names
    if all(isinstance(value, int) and 0 <= value < len(names) for value in values):
        return tuple(names[int(value)] for value in values)
    return tuple(map(text_of, values))


def text_of(value: Value) -> str:
    """A label as a name: 3, 0.5, cat."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def describe_map(what: str, label_map: tuple[Value, ...]) -> str:
    """What the labels of a data set became, in a sentence."""
    texts = [repr(value) if isinstance(value, str) else text_of(value) for value in label_map]
    shown = texts if len(texts) <= 2 * SHOWN else [*texts[:SHOWN], "...", *texts[-SHOWN:]]
    marks = [mark for mark in NO_LABEL if {mark, 0} <= {*label_map}]
    marks += [repr(value) for value in label_map if isinstance(value, str) and value.lower() in NO_LABEL_WORDS]
    unlabelled = f"; if {marks[0]} means that there is no label, leave these examples out" if marks else ""
    return f"the labels of {what} are taken as the classes 0..{len(texts) - 1}: {', '.join(shown)}{unlabelled}"


def _as_text(what: str, labels: np.ndarray) -> np.ndarray:
    """Objects as what they are, bytes as the text that they encode."""
    if labels.dtype.kind == "O" and (missing := sum(cell is None or cell != cell for cell in labels.flat)):
        raise InputError(
            f"{missing:,} of {labels.size:,} {what} are missing; leave these examples out, or fill them in"
        )
    try:
        plain = np.array(labels.tolist()) if labels.dtype.kind == "O" else labels
        plain = np.char.decode(plain, "utf-8") if plain.dtype.kind == "S" else plain
    except ValueError as error:  # lists of different lengths, or no text
        raise InputError(f"{what} must be one class number or name per example ({error})") from error
    return plain


def _one_each(what: str, labels: np.ndarray) -> np.ndarray:
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim == 2 and len(labels) and _is_one_hot(labels):
        labels = labels.argmax(1)
    if labels.ndim != 1 or not len(labels):
        raise InputError(
            f"{what} must be one class per example, (n,) or (n, 1), or one-hot, (n, K); got the shape {labels.shape};"
            " several labels per example, of several people, need :annotators=majority (or draw, soft) behind the name"
        )
    return labels


def _is_one_hot(labels: np.ndarray) -> bool:
    return labels.dtype.kind in "buif" and bool(((labels == 0) | (labels == 1)).all() and (labels.sum(1) == 1).all())


def _as_numbers(what: str, labels: np.ndarray) -> np.ndarray:
    """Whole numbers as int64, others as float64."""
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        raise InputError(f"{what} must be finite, got NaN or inf")
    if abs(float(labels.max())) >= 2**53 or abs(float(labels.min())) >= 2**53:
        raise InputError(f"{what} must be class numbers or names, got {labels.min()} to {labels.max()}")
    if labels.dtype.kind != "f" or (labels == np.trunc(labels)).all():
        return labels.astype(np.int64)
    return labels.astype(np.float64)


def require_classes(what: str, labels: np.ndarray, count: int) -> None:
    """Raise an `InputError` for training labels that are no classes: one, too many, or numbers that look measured."""
    if count < 2:
        raise InputError(f"{what} has one class in train, {labels[0].item()!r}; there must be at least two")
    if count > MOST_CLASSES:
        raise InputError(f"{what} has {count:,} different labels; {MOST_CLASSES:,} classes are the most")
    if labels.dtype.kind == "f" and count > min(MOST_FRACTIONS, len(labels) // EXAMPLES_EACH):
        raise InputError(
            f"the training labels of {what} must be classes, got {count:,} different numbers that are not all whole, as"
            " if something was measured; cut them into classes first"
        )


def _values(labels: np.ndarray) -> list[Value]:
    """The different labels, sorted: numbers by size, text that is a number before other text."""
    values = np.unique(labels).tolist()
    return sorted(values, key=by_number_or_name) if values and isinstance(values[0], str) else values


def _labels_of(splits: Splits) -> Iterator[tuple[str, np.ndarray]]:
    for part in ("train", "test", "val"):
        if (labels := getattr(splits, f"{part}_labels")) is not None:
            yield part, np.asarray(labels)


def _mapped(what: str, part: str, labels: np.ndarray, numbers: dict[Value, int]) -> np.ndarray:
    values, places = np.unique(labels, return_inverse=True)
    unknown = [value for value in values.tolist() if value not in numbers]
    if unknown:
        count, more = int(np.isin(labels, unknown).sum()), f" and {len(unknown) - 1} more" * (len(unknown) > 1)
        raise InputError(
            f"the {part} set of {what} has the label {unknown[0]!r}{more}, of {count:,} examples, which the training"
            " set lacks, so that no model can learn it: move some examples there, or leave these out"
        )
    return np.array([numbers[value] for value in values.tolist()], np.int64)[places.reshape(-1)]
