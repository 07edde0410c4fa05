"""Learning curves: what is learnt from right labels, what is memorised of wrong ones, what the test set sees."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lsbench.analysis.summary.records import OF_GIVEN
from lsbench.report.pictures.groups import Group, choose
from lsbench.report.pictures.picture import MOST_LINES, Line, Panel, as_table, left_out_text, line, seeds_text
from lsbench.rows.row import Row
from lsbench.spec import Arm

METRICS = ("accuracy", "train_accuracy_clean", "train_accuracy_wrong", *OF_GIVEN)
MOST_POINTS = 120  # of one line
KINDS = {  # which training examples are told apart, by the number that is of one kind of them
    "train_accuracy_wrong": " whose labels are right and wrong; a wrong label that is predicted is memorised",
    "train_accuracy_changed": " whose labels the added noise left as given, and changed",
}


@dataclass(frozen=True)
class Learning:
    """One panel per number that is there; x is the epoch, from 1."""

    panels: tuple[Panel, ...]
    left_out: int  # arms
    given: bool = False  # whether nobody knows which test labels are wrong


def prepare(group: Group) -> Learning | None:
    """The curves of at most 8 arms; None where no curve has two epochs."""
    arms = choose(group.arms, MOST_LINES)
    panels = (Panel(name, tuple(filter(None, (_line(arm, group.arms[arm], name) for arm in arms)))) for name in METRICS)
    drawable = tuple(panel for panel in panels if any(len(line.x) > 1 for line in panel.lines))
    left_out = len(group.arms) - len(arms)
    return Learning(drawable, left_out, group.setting.tests_on_given) if drawable else None


def _line(arm: Arm, rows: Sequence[Row], name: str) -> Line | None:
    curves = [curve for row in rows if (curve := row.curves.get(name))]
    if not curves:
        return None
    table = as_table(curves)
    epochs = table.shape[1]
    kept = np.unique(np.linspace(0, epochs - 1, min(epochs, MOST_POINTS)).round().astype(int))
    return line(arm, (kept + 1).tolist(), table[:, kept])


def caption(data: Learning) -> str:
    """What is shown."""
    lines = [line for panel in data.panels for line in panel.lines]
    metrics = {panel.metric for panel in data.panels}
    kinds = next((text for metric, text in KINDS.items() if metric in metrics), "")
    return (
        f"Accuracy after each epoch: on the test set{' (against given labels)' * data.given}, and on the training "
        f"examples{kinds}. {seeds_text(lines)}{left_out_text(data.left_out)}"
    )
