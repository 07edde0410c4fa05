"""The group of each example, out of a file that anybody may have written: patient, video, photographer."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lsbench.data.given_file import read_array
from lsbench.data.group_file import GroupFile
from lsbench.data.named_table import listed, read_named
from lsbench.data.text_file import existing
from lsbench.errors import InputError

TABLES = (".csv", ".tsv")
KEYS = ("path", "number")  # the columns that may say which example a row is of
GROUP = "group"  # the column, where none is named
PARTS = ("train", "val", "test")

Names = NDArray[np.str_]  # of groups, one for each example


class Groups(NamedTuple):
    """The names of the groups of each part's examples, in order; of test examples None where the file has none."""

    train: Names
    val: Names
    test: Names | None

    @property
    def digest(self) -> str:
        """16 hex digits of which examples share a group; what a group is called is not part of it."""
        numbers = numbered(np.concatenate([part for part in self if part is not None]))
        parts = [len(part) if part is not None else -1 for part in self]
        return hashlib.sha256(f"{parts} {numbers.tolist()}".encode()).hexdigest()[:16]

    def told(self) -> str:
        """How many groups there are, in a sentence."""
        train, test = (len(set([] if part is None else part.tolist())) for part in (self.train, self.test))
        tested = f"; {test:,} groups of test examples: intervals are over these" if test else ""
        return f"{train:,} groups of training examples, of which each stays in one fold{tested}"

    def overlap(self) -> str:
        """A sentence on the groups that lie on both sides of the user's own division; "" where none does."""
        training = {*self.train.tolist(), *self.val.tolist()}
        if shared := training & set([] if self.test is None else self.test.tolist()):
            return f"{_count(shared)} in both the training and the test set: {listed(sorted(shared))}"
        if shared := set(self.train.tolist()) & set(self.val.tolist()):
            return f"{_count(shared)} in both the training and the validation set: {listed(sorted(shared))}"
        return ""


def numbered(names: Names) -> NDArray[np.int64]:
    """Each name as a number, by its first appearance: 0, 1, ..."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names.tolist()], np.int64)


def groups_of_arrays(file: GroupFile, archive: Sequence[Path], sizes: Sequence[int]) -> Groups:
    """The groups of the n training, v validation and m test examples (sizes) of a data set that is no folder.

    archive: its own .npz file, where it is one; without another file the groups are arrays of it, patient_train,
    patient_val and patient_test. `InputError`: no such file or array, or another number of groups than n + v, or
    n + v + m.
    """
    if not file.path:
        return _of_archive(file.column, archive[0], sizes)
    if not file.path.lower().endswith(TABLES):
        return _cut(file.path, _array(file), sizes)
    names = _table(file)
    count = sum(sizes) if str(sum(sizes) - 1) in names else sum(sizes[:2])
    return _cut(file.path, _of_names(file.path, names, [str(i) for i in range(count)], set()), sizes)


def groups_of_paths(file: GroupFile, paths: Sequence[str], others: set[str], tested: Sequence[bool]) -> Names:
    """The group of each image of a folder; "" of test images, where the table names none of them.

    others: paths that it may name too, of images that can't be read; tested: which images are of the folder's own test
    set. `InputError`: a file without paths, an image without a group, or a path that is no image.
    """
    if not file.path.lower().endswith(TABLES):
        raise InputError(f"groups of a folder's images come from a .csv with columns path and group; got {file.path}")
    names = _table(file, keys=KEYS[:1])
    test = {path for path, is_test in zip(paths, tested, strict=True) if is_test}
    needed = [path for path in paths if path not in test or not test.isdisjoint(names)]
    of_needed = dict(zip(needed, _of_names(file.path, names, needed, {*others, *test}).tolist(), strict=True))
    return np.array([of_needed.get(path, "") for path in paths])


def _cut(file: str, names: Names, sizes: Sequence[int]) -> Groups:
    """The groups of each part, of one list."""
    n, v, m = sizes
    if len(names) not in (n + v, n + v + m):
        raise InputError(
            f"{file} has {len(names):,} groups; the data set has {n + v:,} training and validation examples and {m:,}"
            " test examples: give one for each, or for the first alone"
        )
    return Groups(names[:n], names[n : n + v], names[n + v :] if len(names) > n + v else None)


def _array(file: GroupFile) -> Names:
    return _as_names(file.path, read_array(existing(file.path), file.column or None))


def _of_archive(column: str, path: Path, sizes: Sequence[int]) -> Groups:
    with path.open("rb") as stream:
        arrays = np.load(stream, allow_pickle=False)
        by_part = {part: _of_part(column, arrays, part) for part in PARTS}
        keys = ", ".join(arrays.files)
    for size, (part, names) in zip(sizes, by_part.items(), strict=True):
        if names is None and size and part != "test":
            raise InputError(f"{path} has no array {column}_{part} of groups; it holds {keys}")
        if names is not None and len(names) != size:
            raise InputError(f"{path}: {column}_{part} has {len(names):,} groups for {size:,} examples")
    none = np.array([], str)
    train, val, test = by_part.values()
    return Groups(none if train is None else train, none if val is None else val, test)


def _of_part(column: str, arrays: "np.lib.npyio.NpzFile", part: str) -> Names | None:
    names = [name for name in (f"{column}_{part}", f"{part}_{column}") if name in arrays.files]
    return _as_names(names[0], arrays[names[0]]) if names else None


def _as_names(what: str, array: np.ndarray) -> Names:
    if array.ndim != 1 or array.dtype.kind not in "iubfU":
        raise InputError(f"{what} must hold one group for each example, (n,) numbers or text; got {_got(array)}")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise InputError(f"{what} has no group for {(~np.isfinite(array)).sum():,} examples")
    return array.astype(str)


def _got(array: np.ndarray) -> str:
    return f"the shape {array.shape} and the dtype {array.dtype}"


def _table(file: GroupFile, keys: Sequence[str] = KEYS) -> dict[str, str]:
    """The group by path, or by number, of a table with a header; `InputError` for one that has not got both."""
    return read_named(file.path, keys, file.column or GROUP, "as `lsbench order` prints it").values


def _of_names(file: str, names: dict[str, str], needed: Sequence[str], others: set[str]) -> Names:
    missing = [name for name in needed if name not in names]
    unknown = [name for name in names.keys() - set(needed) if name not in others]
    for what, at_fault in (("examples have no group", missing), ("names are of no example", sorted(unknown))):
        if at_fault:
            raise InputError(
                f"{file} does not go with the data set: {len(at_fault):,} {what} ({listed(at_fault)}); `lsbench order`"
                " prints its names"
            )
    return np.array([names[name] for name in needed])


def _count(groups: set[str]) -> str:
    return f"{len(groups):,} {'group is' if len(groups) == 1 else 'groups are'}"
