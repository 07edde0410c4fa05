"""What is said of training labels that people looked at."""

from typing import Any

from lsbench.analysis.looked.training import LookedTraining
from lsbench.analysis.looking.training import Share
from lsbench.names.dataset_name import shown_dataset
from lsbench.report.columns import Column, table_of
from lsbench.report.decision.looked_numbers import half_of, share_text
from lsbench.report.tables import Table
from lsbench.report.text import printable

SHARES = (
    "differ: the share whose label is not what people see, with an interval that holds for itself with 95 %, whenever "
    "one stops to look. looked at: of them."
)


def training_text(looked: LookedTraining) -> str:
    """How many of all training labels are not what people see."""
    design, noise = looked.verified.design, looked.looks.noise
    return printable(
        f"{shown_dataset(design.dataset)}, training labels: {noise.looked:,} of {noise.total:,} were looked at. "
        f"About {share_text(noise)} of all are not what people see{_untold(looked)}."
    )


def _untold(looked: LookedTraining) -> str:
    untold = int(looked.verified.untold.sum())
    return f"; of {untold:,} the answers don't tell{half_of(untold)}" if untold else ""


def training_table(looked: LookedTraining) -> Table:
    """How many labels differ among all training examples, among the most suspicious ones, and in what is pruned."""
    looks = looked.looks
    lines = [
        ("all", looks.noise),
        *((f"the {m:,} most suspicious", share) for m, share in looks.precision),
        *((("left out by prune", looks.left_out),) if looks.left_out else ()),
    ]
    columns = (
        Column[tuple[str, Share]]("training examples", lambda line: line[0], names_line=True),
        Column[tuple[str, Share]]("there are", lambda line: f"{line[1].total:,}"),
        Column[tuple[str, Share]]("looked at", lambda line: f"{line[1].looked:,}"),
        Column[tuple[str, Share]]("differ % [95 %]", lambda line: share_text(line[1]).replace(" %", ""), SHARES),
    )
    return table_of(f"looked-at training labels: {shown_dataset(looked.verified.design.dataset)}", columns, lines)


def training_json(looked: LookedTraining) -> dict[str, Any]:
    """All of it."""
    looks = looked.looks
    return {
        "design": looked.verified.design.id,
        "noise": dict(vars(looks.noise)),
        "precision": [{"m": m, **vars(share)} for m, share in looks.precision],
        "left_out": looks.left_out and dict(vars(looks.left_out)),
    }
