"""The kinds of noise that come in a file: `human:PATH[:KEY]`, `matrix:PATH`. No torch here: `plan` reads them.

A path is looked for from the current folder; a `.npz` holds several arrays, and the key says which. Nothing is ever
unpickled.
"""

import re
from collections.abc import Callable, Collection
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from lsbench.errors import InputError
from lsbench.names.catalogue import NOISE_INPUTS, NOISES
from lsbench.names.registry import lookup

if TYPE_CHECKING:  # numpy is for those who have a file
    import numpy as np

    from lsbench.data.votes import Choice, Votes

SHOWN = 20  # labels in a sentence
SUFFIX = re.compile(r"(.+):(annotators|counts)=([^:]*)", re.DOTALL)  # after a file of several people's labels


def base_kind(name: str) -> str:
    """The kind in a noise's full name: of `human:labels.npz` it is "human"; a name without a file is returned as is."""
    start = name.partition(":")[0]
    return start if needs_file(start) else name


def has_file(name: str) -> bool:
    """Whether the name has a file in it."""
    return ":" in name and base_kind(name) != name


def needs_file(name: str) -> bool:
    """Whether the kind in the name reads an input from a file."""
    return bool(_file_inputs(name.partition(":")[0]))


def file_input(name: str) -> str:
    """The input that the kind reads from its file, a name of `catalogue.NOISE_INPUTS`."""
    return _file_inputs(base_kind(name))[0]


def _file_inputs(kind: str) -> list[str]:
    words = NOISES[kind].inputs if kind in NOISES else ()
    return [word for word in words if lookup(NOISE_INPUTS, "input of a noise", word).file]


def choice_of(name: str) -> "Choice | None":
    """Which label is made of several people's: `human:FILE:annotators=HOW`, or counts=HOW; None for one label each."""
    match = SUFFIX.fullmatch(name)
    if match is None or base_kind(name) == name or file_input(name) != "given":
        return None
    from lsbench.data.votes import read_choice

    return read_choice({match[2]: match[3]})


def file_of(name: str) -> str:
    """The path in the name of a kind with a file, without the key of an archive."""
    from lsbench.noise.label_file import ARCHIVE

    file = _file(name, base_kind(name))
    archive = ARCHIVE.fullmatch(file)
    return archive.group(1) if archive else file


def read_labels(
    name: str,
    n: int,
    num_classes: int,
    *,
    class_names: tuple[str, ...] = (),
    label_map: tuple[int | float | str, ...] = (),
    paths: tuple[str, ...] = (),
    others: Collection[str] = (),
    first_number: int = 0,
) -> "np.ndarray | Votes":
    """The labels of `human:FILE` as class numbers, (n,) int64, in the order of the examples; or several people's.

    FILE is PATH.npy, PATH.npz[:KEY] (the key may be left out where it holds one array), in the order of the examples:
    class numbers, or names of classes; or PATH.csv with the columns `path,label` or `number,label`, in any order.
    class_names (K,), and label_map (K,) where the data set has other labels than 0..K-1: if these are numbers, those
    in the file are the same ones. paths (n,) of the examples, and others, paths that the file may name too. The column
    number counts from first_number; above 0 the examples are a test set, and of a table with a column `part` the rows
    of the test set are read.

    `human:FILE:annotators=HOW` is a file of a column of labels per person: an array (n, A), or a table with columns
    whose names begin with label. `human:FILE:counts=HOW` is an array (n, K), how many people chose each class. See
    `lsbench.data.votes`.

    `InputError`: no such file or key, not n labels, one that is no class, a name that is missing, unknown or given
    twice. `DtypeError`: neither numbers nor text.
    """
    import numpy as np

    _file(name, "human")  # raises for a name of another kind
    path = Path(file_of(name)).expanduser()
    stamp = (path.stat().st_size, path.stat().st_mtime_ns) if path.is_file() else ()
    labels = _read_labels(name, n, num_classes, class_names, label_map, paths, tuple(others), first_number, stamp)

    return labels.copy() if isinstance(labels, np.ndarray) else labels


@lru_cache(maxsize=4)  # a stack of cells asks for the same labels, cell after cell
def _read_labels(
    name: str,
    n: int,
    num_classes: int,
    class_names: tuple[str, ...],
    label_map: tuple[int | float | str, ...],
    paths: tuple[str, ...],
    others: tuple[str, ...],
    first_number: int,
    _stamp: tuple[int, ...],
) -> "np.ndarray | Votes":
    from lsbench.noise.label_file import load_array, load_labels
    from lsbench.noise.label_table import ExpectedExamples, class_numbers, in_order, is_table, load_table

    examples = ExpectedExamples(n, class_names or tuple(map(str, range(num_classes))), paths, others, first_number)
    file, choice = _file(name, "human"), choice_of(name)
    own = label_map if not any(isinstance(value, str) for value in label_map) else ()

    def as_classes(labels: "np.ndarray") -> "np.ndarray":
        if labels.dtype.kind == "U":
            return class_numbers(name, labels.tolist(), examples.class_names)
        return _as_classes(name, labels, own or tuple(range(num_classes)))

    if is_table(file):
        labels = in_order(name, load_table(file, test=first_number > 0, several=choice is not None), examples)
        labels = labels if choice else labels[:, 0]
    else:
        labels = load_array(file) if choice else load_labels(file)
    if len(labels) != n:
        raise InputError(f"{name} must hold {n} labels, one of each example in the data set's order; got {len(labels)}")
    return _votes(name, labels, choice, num_classes, as_classes) if choice else as_classes(labels)


def _votes(
    name: str,
    labels: "np.ndarray",
    choice: "Choice",
    num_classes: int,
    as_classes: "Callable[[np.ndarray], np.ndarray]",
) -> "Votes":
    """Several people's labels as votes for class numbers."""
    from dataclasses import replace

    from lsbench.data.several_people import read_votes
    from lsbench.data.votes import COUNTS

    votes = read_votes(name, labels, choice)
    if choice.form != COUNTS:
        values = as_classes(votes.values.reshape(-1)).reshape(votes.values.shape)
        return replace(votes, values=values)
    if labels.shape[1] != num_classes:
        raise InputError(f"{name} must count people for each of {num_classes} classes, got {labels.shape[1]} columns")
    return votes


def _as_classes(name: str, labels: "np.ndarray", values: tuple[int | float | str, ...]) -> "np.ndarray":
    """Numbers as the classes that the data set has under them, values[k] for class k."""
    import numpy as np

    number_of = {value: number for number, value in enumerate(values)}
    values_in_file, places = np.unique(labels, return_inverse=True)
    if unknown := [value for value in values_in_file.tolist() if value not in number_of]:
        where = np.isin(labels, unknown).argmax()
        allowed = f"in [0, {len(values)})" if list(values) == list(range(len(values))) else f"of {_listed(values)}"
        raise InputError(f"{name} must hold class numbers {allowed}, got {labels[where]} at index {where}")
    return np.array([number_of[value] for value in values_in_file.tolist()], np.int64)[places]


def _listed(values: tuple[int | float | str, ...]) -> str:
    return ", ".join(map(str, values[:SHOWN])) + (", ..." if len(values) > SHOWN else "")


def read_matrix(name: str, num_classes: int) -> "np.ndarray":
    """The matrix of `matrix:PATH`, (K, K) float64, P(given | true): a row is a true class, and sums to 1.

    A text file: one line for each row, numbers separated by commas or white space. What follows a # is skipped, and
    so is a first line of names, or of the class numbers 0 ... K-1.

    `InputError`: no such file, a line that is no numbers, another shape, or a row that is no distribution.
    """
    from lsbench.noise.matrix_file import load_matrix
    from lsbench.noise.transition import require_transitions

    return require_transitions(name, load_matrix(_file(name, "matrix")), num_classes)


def _file(name: str, kind: str) -> str:
    """What follows the kind and a colon."""
    start, _, file = name.partition(":")
    if start != kind or not file:
        how = NOISE_INPUTS[file_input(kind)].file.format(kind=kind)
        raise InputError(f"{kind} noise is read from a file: write {how}; got {name!r}")
    match = SUFFIX.fullmatch(file)
    return match[1] if match else file
