"""How many examples of each class are trained on, held out and tested on, and which classes have too few."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lsbench.data.folds import incomplete_text
from lsbench.data.parts import PARTS
from lsbench.names.few import few
from lsbench.rows.row import Row

UNBALANCED = 3  # a class with more than so many times the test examples of another makes the test set unbalanced
OF_UNBALANCED = ("balanced_accuracy", "macro_f1")  # the metrics that are shown then
FEW_SHARE = 0.02  # of a part's examples, or half of an equal share if that is less: with fewer there is a warning
FEW_TESTED = 30  # test examples of a class: with fewer there is a warning
NAMED = 3  # classes in a sentence
EXAMPLES = {"train": "training examples", "held_out": "held-out examples", "test": "test examples"}


@dataclass(frozen=True)
class Sizes:
    """The examples of each class; where seeds and noise make them differ, the fewest and the most."""

    classes: tuple[str, ...]  # their names; their numbers where they have none
    fewest: Mapping[str, tuple[int, ...]]  # by part of `lsbench.data.parts.PARTS`
    most: Mapping[str, tuple[int, ...]]
    total: Mapping[str, int]
    notes: tuple[str, ...] = ()  # data that was left out, classes that were renamed

    @property
    def unbalanced(self) -> bool:
        """Whether a class has more than 3 times as many test examples as another."""
        return is_unbalanced(self.most["test"])

    @property
    def majority(self) -> int:
        """The class of most test examples, the first of several."""
        return self.most["test"].index(max(self.most["test"]))

    @property
    def majority_rate(self) -> float:
        """The accuracy of always answering it."""
        return max(self.most["test"]) / self.total["test"]


def is_unbalanced(counts: Sequence[int]) -> bool:
    """Whether a class has more than 3 times as many examples as another."""
    return max(counts) > UNBALANCED * min(counts)


def of_unbalanced(sizes: Sizes | None) -> tuple[str, ...]:
    """The metrics that are shown because the test set's classes are unbalanced; none where they are not."""
    return OF_UNBALANCED if sizes is not None and sizes.unbalanced else ()


def sizes_of_data(classes: Sequence[str], counts: Mapping[str, Sequence[int]]) -> Sizes:
    """Of a data set before it is split: counts as `lsbench.data.describe.Description` has them."""
    by_class = {part: tuple(counts[part]) for part in PARTS}
    return Sizes(tuple(classes), by_class, by_class, {part: sum(by_class[part]) for part in PARTS})


def sizes_of(rows: Iterable[Row]) -> Sizes | None:
    """Of the rows of one setting; None where none of them says it."""
    rows = [row for row in rows if row.data]
    counts = [row.data for row in rows]
    counts = [one for one in counts if len(one["test"]) == len(counts[0]["test"]) and sum(one["test"])]
    if not counts:
        return None
    differing = {part: {tuple(one[part]) for one in counts} for part in PARTS}  # few, of thousands of rows
    by_class = {part: list(zip(*differing[part], strict=True)) for part in PARTS}
    return Sizes(
        tuple(counts[0]["classes"]) or tuple(map(str, range(len(by_class["test"])))),
        {part: tuple(map(min, by_class[part])) for part in PARTS},
        {part: tuple(map(max, by_class[part])) for part in PARTS},
        {part: max(map(sum, differing[part])) for part in PARTS},
        tuple(dict.fromkeys([*_never_held_out(rows), *(note for one in counts for note in one.get("notes", ()))])),
    )


def _never_held_out(rows: Sequence[Row]) -> list[str]:
    """A sentence on the training examples that no seed has held out, where folds are to hold out each."""
    cell, by_seed = rows[0].cell, {row.cell.seed: sum(row.data["held_out"]) for row in rows}
    if cell.folds is None:
        return []
    is_whole = cell.train_size is None
    n = sum(rows[0].data["train"]) + by_seed[cell.seed] if is_whole else cell.folds * max(by_seed.values())
    text = incomplete_text(n, cell.folds, by_seed)
    return [text] if text else []


def size_warnings(sizes: Sizes) -> list[str]:
    """A sentence for each part that has too few examples of some class."""
    counts, n = sizes.fewest["train"], sizes.total["train"]
    return [
        *_sentence(sizes, "train", _few(counts, n), f"fewer than {_share(len(counts)):.2g} % of {n:,}"),
        *_tested(sizes),
    ]


def _tested(sizes: Sizes) -> list[str]:
    counts, n = sizes.fewest["test"], sizes.total["test"]
    rare, scarce = _few(counts, n), [c for c, count in enumerate(counts) if count < FEW_TESTED]
    why = [f"fewer than {FEW_TESTED}"] * bool(scarce)
    why += [f"fewer than {_share(len(counts)):.2g} % of {n:,}"] * bool(rare)
    return _sentence(sizes, "test", sorted({*rare, *scarce}), " or ".join(why))


def _few(counts: Sequence[int], total: int) -> list[int]:
    return [c for c, count in enumerate(counts) if count * 100 < _share(len(counts)) * total]


def _share(num_classes: int) -> float:
    """Per cent of a part's examples that a class should have."""
    return 100 * min(FEW_SHARE, 0.5 / num_classes)


def _sentence(sizes: Sizes, part: str, classes: Sequence[int], why: str) -> list[str]:
    if not classes:
        return []
    fewest = sorted(classes, key=lambda c: sizes.fewest[part][c])
    named = few((f"{sizes.classes[c]} ({sizes.fewest[part][c]:,})" for c in fewest), NAMED)
    return [f"few {EXAMPLES[part]} of class {named}: {why}"]
