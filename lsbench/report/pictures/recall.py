"""Recall by class, the classes ordered by their training examples: shown where some have far fewer than others."""

from dataclasses import dataclass

from lsbench.analysis.summary import Sizes, sizes_of
from lsbench.analysis.summary.quantity import RECALL, value_of
from lsbench.analysis.summary.sizes import is_unbalanced
from lsbench.report.pictures.groups import Group, choose
from lsbench.report.pictures.picture import MOST_LINES, Line, as_table, left_out_text, line, seeds_text
from lsbench.rows.row import Row


@dataclass(frozen=True)
class ClassRecall:
    """x is the place of a class, 0 for the one with the most training examples; the mean is a recall."""

    classes: tuple[str, ...]  # in that order
    examples: tuple[int, ...]  # the most that a seed trains on
    lines: tuple[Line, ...]
    left_out: int  # arms
    given: bool = False  # whether nobody knows which test labels are wrong


def prepare(group: Group) -> ClassRecall | None:
    """The recalls of at most 8 arms; None where the classes are balanced, or no row keeps them."""
    arms = {arm: [row for row in rows if row.recall] for arm, rows in group.arms.items()}
    drawable = {arm: rows for arm, rows in arms.items() if rows}
    sizes = sizes_of(row for rows in drawable.values() for row in rows)
    if sizes is None or not any(is_unbalanced(sizes.most[part]) for part in ("train", "test")):
        return None
    chosen, classes = choose(drawable, MOST_LINES), _ordered(sizes)
    places = [float(place) for place in range(len(classes))]
    lines = (line(arm, places, as_table([_recalls(row, classes) for row in drawable[arm]])) for arm in chosen)
    examples = tuple(sizes.most["train"][sizes.classes.index(name)] for name in classes)
    left_out = len(drawable) - len(chosen)
    return ClassRecall(classes, examples, tuple(filter(None, lines)), left_out, group.setting.tests_on_given)


def _ordered(sizes: Sizes) -> tuple[str, ...]:
    counted = zip(sizes.most["train"], sizes.classes, strict=True)
    return tuple(name for _, name in sorted(counted, key=lambda pair: -pair[0]))


def _recalls(row: Row, classes: tuple[str, ...]) -> list[float | None]:
    return [value_of(row, f"{RECALL}.{name}") for name in classes]


def caption(data: ClassRecall) -> str:
    """What is shown."""
    labels = " by its given label, which may be wrong; no order of the losses is decided by it" if data.given else ""
    return (
        f"Share of each class's test examples that are predicted as it{labels}; classes with more training examples, "
        f"by their given labels, stand further left. {seeds_text(data.lines)}{left_out_text(data.left_out)}"
    )
