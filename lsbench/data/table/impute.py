"""Missing values: each is the median of its column in the training part."""

import numpy as np

from lsbench.data.splits import Splits
from lsbench.errors import InputError
from lsbench.names.few import few

VECTORS = 2  # dimensions of an array of vectors
SHOWN = 5  # columns in a sentence


def imputed(splits: Splits) -> Splits:
    """The same with every NaN of vectors (n, d) filled in, and sentences on it; columns without a value are left out.

    Images are returned as they are; in them NaN is refused before.

    The median is of the training part alone, so that nothing of the test set goes into what a model learns.
    `InputError`: no column has a value.
    """
    parts = [splits.train_images, splits.test_images, splits.val_images]
    if splits.train_images.ndim != VECTORS:
        return splits
    counts = sum(np.isnan(np.asarray(part)).sum(0) for part in parts if part is not None)
    if not np.any(counts):
        return splits
    train = np.asarray(splits.train_images)
    names = splits.columns or tuple(f"column {i + 1}" for i in range(train.shape[1]))
    has_value = np.asarray(~np.isnan(train).all(0))
    if not has_value.any():
        raise InputError("no column has a value in the training part; there is nothing to learn from")
    medians = np.nanmedian(train[:, has_value], axis=0)
    complete = [_filled(part, has_value, medians) for part in parts]
    return splits._replace(
        train_images=complete[0],
        test_images=complete[1],
        val_images=complete[2],
        columns=tuple(name for name, has in zip(names, has_value, strict=True) if has),
        notes=(*splits.notes, *_left_out(names, has_value)),
        doubts=(*splits.doubts, *_told(names, np.where(has_value, counts, 0))),
    )


def _filled(part: object, has_value: np.ndarray, medians: np.ndarray) -> np.ndarray | None:
    if part is None:
        return None
    return filled(np.asarray(part)[:, has_value], medians)


def filled(values: np.ndarray, medians: np.ndarray) -> np.ndarray:
    """Vectors (n, d) with the median of its column (d,) in the place of each NaN."""
    return np.where(np.isnan(values), medians, values).astype(values.dtype)


def _left_out(names: tuple[str, ...], has_value: np.ndarray) -> tuple[str, ...]:
    if has_value.all():
        return ()
    empty = [name for name, has in zip(names, has_value, strict=True) if not has]
    many = len(empty) > 1
    return (f"column{'s' * many} {_listed(empty)} {'have' if many else 'has'} no value in the training part: left out",)


def _told(names: tuple[str, ...], counts: np.ndarray) -> tuple[str, ...]:
    if not counts.any():
        return ()
    each = [f"{names[i]!r} ({counts[i]:,})" for i in np.argsort(-counts, kind="stable") if counts[i]]
    more = f" and {len(each) - SHOWN:,} more columns" if len(each) > SHOWN else ""
    return (
        f"{counts.sum():,} missing values are filled in with the median of their column in the training part:"
        f" {', '.join(each[:SHOWN])}{more}",
    )


def _listed(names: list[str]) -> str:
    return few(map(repr, names), SHOWN)
