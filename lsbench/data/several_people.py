"""Arrays of several people's labels, as somebody has them, as votes. No torch here."""

import hashlib

import numpy as np

from lsbench.data.labels import NO_LABEL, tidy_labels
from lsbench.data.votes import ANNOTATORS, COUNTS, Choice, Votes
from lsbench.errors import InputError

MOST_COLUMNS = 1000


def one_label_each(what: str, labels: np.ndarray, choice: Choice | None, part: str) -> tuple[np.ndarray, Votes | None]:
    """Labels (n,) of a part of a data set, `train`, `val` or `test`, and the votes that they were made of.

    Without a choice they are one label each already, and those of test and validation examples may be so with one.
    """
    if choice is None or (part != "train" and np.ndim(labels) == 1):
        return tidy_labels(what, labels), None
    votes = read_votes(what, labels, choice if part == "train" else choice.of_test)
    return votes.labels(chances_of(part, len(labels))), votes


def read_votes(what: str, labels: np.ndarray, choice: Choice) -> Votes:
    """The array as votes; `InputError` for another shape, or an example that nobody labelled."""
    if labels.ndim != 2 or not labels.size or labels.shape[1] > MOST_COLUMNS:
        shape = "(n, A), a column per person" if choice.form == ANNOTATORS else "(n, K), a column per class"
        raise InputError(f"{what} must be {shape}, for {choice.form}={choice.how}; got the shape {labels.shape}")
    values, weights = _counted(what, labels) if choice.form == COUNTS else _columns(what, labels)
    if len(none := np.flatnonzero(weights.sum(1) == 0)):
        raise InputError(
            f"{what}: {len(none):,} examples have no label of anybody, first number {none[0]}; leave them out"
        )
    return Votes(values, weights, choice.how)


def chances_of(part: str, n: int) -> np.ndarray:
    """A number in [0, 1) for each of n examples: the draws for a part of a data set, always the same."""
    digest = hashlib.sha256(f"lsbench/0/annotators/{part}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big")).random(n)


def _counted(what: str, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if counts.dtype.kind not in "buif" or not np.isfinite(counts).all() or (counts < 0).any():
        raise InputError(f"{what} must count people, for counts=: numbers from 0")
    return np.broadcast_to(np.arange(counts.shape[1]), counts.shape), counts.astype(np.float64)


def _columns(what: str, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    missing = _is_missing(labels)
    if missing.all():
        raise InputError(f"{what} has no label of anybody")
    plain = tidy_labels(what, labels[~missing])
    values = np.full(labels.shape, plain[0])
    values[~missing] = plain
    return values, (~missing).astype(np.float64)


def _is_missing(labels: np.ndarray) -> np.ndarray:
    """Where a person gave no label: -1, -100, NaN, None or an empty text."""
    if labels.dtype.kind == "f":
        return np.isnan(labels) | np.isin(labels, NO_LABEL)
    if labels.dtype.kind in "US":
        return np.char.strip(labels) == labels.dtype.type()
    if labels.dtype.kind == "O":
        return np.array([[cell is None or cell in ("", *NO_LABEL) or cell != cell for cell in row] for row in labels])
    return np.isin(labels, NO_LABEL)
