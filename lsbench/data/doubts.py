"""What makes a data set's numbers doubtful, or the set useless: sentences that `check` and `run` share."""

import numpy as np

from lsbench.data.alike.across import alike_across
from lsbench.data.overlap import count_shared
from lsbench.data.splits import Splits, noun_of
from lsbench.errors import InputError
from lsbench.names.few import few

SHARED = 0.01  # of the test examples; below it copies move an accuracy by less than it differs between seeds
FEW = 5  # classes that are named


def require_varied(name: str, splits: Splits) -> None:
    """Raise an `InputError` where all training examples are the same: nothing can be learned from them."""
    if problem := find_equal(splits):
        raise InputError(f"data set {name!r}: {problem}; see what was read with: lsbench check {name}")


def doubts_of(splits: Splits, remedy: str = "") -> tuple[str, ...]:
    """Every doubt, a sentence each; that a class has few test examples, or none, is counted in the rows themselves.

    remedy: what helps against near-duplicates on both sides, where anything does.
    """
    alike = find_alike(splits)
    return tuple(problem for problem in (find_shared(splits), alike and f"{alike}{remedy}") if problem)


def find_missing(part: str, labels: object, num_classes: int, classes: tuple[str, ...] = ()) -> str:
    """Which classes the part lacks, or ""."""
    missing = np.flatnonzero(np.bincount(np.asarray(labels), minlength=num_classes) == 0).tolist()
    if not missing:
        return ""
    names = [f"{i} ({classes[i]})" if classes and classes[i] != str(i) else str(i) for i in missing]
    many = len(missing) > 1
    return f"class{'es' * many} {few(names, FEW)} {'have' if many else 'has'} no example in the {part} set"


def find_shared(splits: Splits) -> str:
    """How many test examples equal a training example, where that is 1 % of them or more; "" elsewhere."""
    shared, total = _count_shared(splits), len(splits.test_images)
    if shared < SHARED * total or not shared:
        return ""
    noun = noun_of(splits.test_images)
    return f"{shared:,} of {total:,} test {noun} equal one of the training {noun}; a network may know them by heart"


def find_alike(splits: Splits) -> str:
    """How many test images look like training images that they are not equal to, where that is 1 % or more."""
    across, shared = alike_across(splits), _count_shared(splits)
    if across is None or across.test - shared < SHARED * across.total or across.test <= shared:
        return ""
    return f"{across}; a network may know them by heart"


def _count_shared(splits: Splits) -> int:
    training = [part for part in (splits.train_images, splits.val_images) if part is not None]
    return count_shared(training, splits.test_images)


def find_equal(splits: Splits) -> str:
    """Whether all training examples are the same."""
    images = splits.train_images
    first = np.asarray(images[:1])
    varies = any((np.asarray(images[i : i + 1024]) != first).any() for i in range(0, len(images), 1024))
    return "" if varies else f"all training {noun_of(images)} are the same"
