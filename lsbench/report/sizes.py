"""How many examples there are, in words above a table and, class by class, as a table."""

from collections.abc import Sequence

from lsbench.analysis.summary import ArmResults, Sizes, size_warnings
from lsbench.data.parts import PARTS
from lsbench.report.columns import Column, table_of
from lsbench.report.tables import Table

MOST_CLASSES = 100  # lines
DOING = {"train": "trained on", "held_out": "held out", "test": "in the test set"}
HEADINGS = {"train": "trained on", "held_out": "held out", "test": "test set"}
HEADING_OF = {"balanced_accuracy": "balanced accuracy %", "macro_f1": "macro F1 %"}  # shown of unbalanced classes
EXAMPLES = (
    "examples: of the training and held-out parts by the given labels, wrong ones included, which differ by seed; of "
    "the test set by the {} ones."
)
RULE = (
    "not shown to be more accurate than always answering the majority class: by McNemar's exact test, one-sided, on "
    "the test examples, with the errors averaged over the seeds, p ≥ 0.05. majority rate: equal to the leader, and "
    "not shown to be above that."
)
BALANCED = (
    "balanced accuracy: mean over the test set's classes of the accuracy within the class. macro F1: mean over classes "
    "of F1, 0 where a class is never predicted. Shown where a class has more than 3 times the test examples of another."
)


def warning_lines(warnings: Sequence[str]) -> tuple[str, ...]:
    """What makes the numbers doubtful, before they are read."""
    return tuple(f"warning: {text}" for text in _said_once(warnings))


def _said_once(warnings: Sequence[str]) -> list[str]:
    """What is said of several losses, `ce: ...` and `gce q=0.7: ...`, in one line with all their names."""
    names: dict[str, list[str]] = {}
    for text in warnings:
        name, colon, rest = text.partition(": ")
        names.setdefault(rest if colon else text, []).append(name if colon else "")
    return [f"{', '.join(some)}: {text}" if some[0] else text for text, some in names.items()]


def size_lines(sizes: Sizes | None, no_better: Sequence[ArmResults]) -> tuple[str, ...]:
    """What must be known before the numbers are read; nothing where no row tells."""
    if sizes is None:
        return ()
    warned = [f"warning: {text}" for text in size_warnings(sizes)]
    always = [f"majority class of the test set: {sizes.classes[sizes.majority]} ({_rate(sizes)})"]
    poor = [f"warning: {majority_text(sizes, no_better)}"] * bool(no_better)
    return (_examples(sizes), *sizes.notes, *warned, *(poor or always * sizes.unbalanced))


def majority_text(sizes: Sizes, no_better: Sequence[ArmResults]) -> str:
    """Which arms are not shown to be more accurate than always answering the most frequent class."""
    names = ", ".join(arm.name for arm in no_better)
    always = f"always answering the majority class ({sizes.classes[sizes.majority]}: {_rate(sizes)} of the test set)"
    return f"not shown to be more accurate than {always}: {names}"


def _rate(sizes: Sizes) -> str:
    return f"{sizes.majority_rate * 100:.2f} %"


def classes_table(sizes: Sizes, test_labels: str) -> Table:
    """The examples of each class, in their order; of many classes the smallest. `test_labels`: their status."""
    order = range(len(sizes.classes))
    shown = sorted(order, key=lambda c: sizes.most["test"][c])[:MOST_CLASSES] if len(order) > MOST_CLASSES else order
    return table_of(
        "examples of each class" + (f": the {MOST_CLASSES} with the fewest" if len(order) > MOST_CLASSES else ""),
        [
            Column("class", lambda c: sizes.classes[c], EXAMPLES.format(test_labels), names_line=True),
            *(_counts(sizes, p) for p in PARTS),
        ],
        shown,
    )


def _counts(sizes: Sizes, part: str) -> Column[int]:
    return Column(HEADINGS[part], lambda c: count_text(sizes, part, c))


def count_text(sizes: Sizes, part: str, c: int) -> str:
    """How many examples of class number c a part has."""
    return _range(sizes.fewest[part][c], sizes.most[part][c])


def _examples(sizes: Sizes) -> str:
    return "examples: " + ", ".join(_part(sizes, part) for part in PARTS)


def _part(sizes: Sizes, part: str) -> str:
    total = f"{sizes.total[part]:,} {DOING[part]}"
    if part == "held_out":
        return total
    return f"{total} ({_range(min(sizes.fewest[part]), max(sizes.most[part]))} of a class)"


def _range(fewest: int, most: int) -> str:
    return f"{fewest:,}" if fewest == most else f"{fewest:,} to {most:,}"
