"""How many of each class's test examples are recognised, class by class, beside the examples that it has."""

from lsbench.analysis.summary import ArmResults, Sizes, Summary
from lsbench.analysis.summary.quantity import RECALL
from lsbench.report.columns import Column, table_of
from lsbench.report.fields import spread_text, title_of
from lsbench.report.given import AGAINST, other_notes
from lsbench.report.lost import lost_notes
from lsbench.report.sizes import HEADINGS, MOST_CLASSES, count_text
from lsbench.report.tables import Table

MEAN = "mean (balanced accuracy)"  # the last line
MEANING = (
    "recall of a class: the share of its test examples that are predicted as it, in %, mean ± sd of one seed; of "
    "losses that are the same function one is shown. No difference between classes or losses is tested here: the "
    "recall of a class with few test examples moves in large steps."
)
NOT_KEPT = "no row here keeps the recall of each class: train cells of an earlier version again with --rerun all"
PARTS = ("train", "test")


def recall_table(summary: Summary) -> Table:
    """A line per class, of many classes those with the fewest training examples, and a column per loss."""
    arms, setting = summary.folded.arms, summary.setting
    kept = any(row.recall for arm in arms for row in arm.rows)
    of_given = f" {AGAINST}" if setting.tests_on_given else ""
    return table_of(
        f"recall of each class{of_given}: {title_of(summary)}",
        [
            Column[str]("class", lambda line: line, MEANING, names_line=True),
            *(_count_column(summary.sizes, part) for part in PARTS if summary.sizes),
            *map(_arm_column, arms),
        ],
        _lines(summary.sizes) if kept and summary.sizes else [],
        notes=[*([] if kept else [NOT_KEPT]), *lost_notes(arms, compares=False)],
        footnotes=(MEANING, *other_notes(setting)),
    )


def _lines(sizes: Sizes) -> list[str]:
    order = range(len(sizes.classes))
    rarest = sorted(order, key=lambda c: sizes.most["train"][c])[:MOST_CLASSES]
    return [*(sizes.classes[c] for c in (order if len(order) <= MOST_CLASSES else rarest)), MEAN]


def _count_column(sizes: Sizes | None, part: str) -> Column[str]:
    """How many examples of a class there are; nothing in the last line."""

    def text(line: str) -> str:
        return "" if sizes is None or line == MEAN else count_text(sizes, part, sizes.classes.index(line))

    return Column(HEADINGS[part], text)


def _arm_column(arm: ArmResults) -> Column[str]:
    def text(line: str) -> str:
        return spread_text(arm.spread("balanced_accuracy" if line == MEAN else f"{RECALL}.{line}"), 100, 1)

    return Column(arm.name, text)
