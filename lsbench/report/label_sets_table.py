"""The label-noise records: which sets of labels were made wrong, and how."""

from collections.abc import Sequence

from lsbench.analysis.summary import LabelSet
from lsbench.names.dataset_name import shown_dataset
from lsbench.report.columns import Column, table_of
from lsbench.report.fields import optional
from lsbench.report.tables import Table

MOST = 500  # lines
SET = (
    Column[LabelSet]("data set", lambda labels: shown_dataset(labels.dataset), names_line=True),
    Column[LabelSet]("noise", lambda labels: labels.noise),
    Column[LabelSet]("rate", lambda labels: f"{labels.rate:g}"),
    Column[LabelSet]("seed", lambda labels: str(labels.seed)),
)
REALISED = Column[LabelSet]("realised", lambda labels: optional(labels.realised, ".5f"))
CHANGED = Column[LabelSet]("changed", lambda labels: optional(labels.changed, ".5f"))
HASH = Column[LabelSet]("sha256", lambda labels: labels.sha256[:16])


def label_sets_tables(sets: Sequence[LabelSet]) -> tuple[Table, ...]:
    """The sets of which the right labels are known, and those whose given labels were changed; none where none is."""
    made = [one for one in sets if one.changed is None]
    added = [one for one in sets if one.changed is not None]
    return (
        *_table("label sets: noise, seed, realised share of wrong labels, sha256 of the labels", REALISED, made),
        *_table("noise added to given labels: seed, share of changed labels, sha256 of the labels", CHANGED, added),
    )


def _table(title: str, share: Column[LabelSet], sets: Sequence[LabelSet]) -> list[Table]:
    more = f"{len(sets) - MOST:,} more are in the rows"
    notes = (more,) * (len(sets) > MOST)
    return [table_of(title, (*SET, share, HASH), sets[:MOST], notes=notes)] if sets else []
