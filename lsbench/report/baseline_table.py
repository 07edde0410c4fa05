"""What changed since an older results folder."""

from lsbench.analysis.summary import ArmResults, Change, Changes, Setting
from lsbench.analysis.summary.setting_text import head_text, titled
from lsbench.report.columns import Column, meanings, table_of
from lsbench.report.fields import NAMES, difference_text, p_text, spread_text
from lsbench.report.given import accuracy_lines, against, other_notes
from lsbench.report.lost import lost_notes
from lsbench.report.tables import Table

DELTA = (
    "Δ: now minus before, paired by seed, with Student's 95 % interval of each line by itself. p of its t-test, which "
    "decides, is adjusted by Holm over all lines of the folder; † marks p < 0.05."
)


def _verdict(change: Change) -> str:
    if not change.comparable:
        return "LOST SEEDS" if change.lost_now else "not compared"
    return "WORSE" if change.worse else "not worse"


def _arm(change: Change) -> ArmResults:
    return change.arm


def _columns(setting: Setting) -> list[Column[Change]]:
    return [
        *(column.of(_arm) for column in NAMES),
        Column("accuracy % before", lambda change: spread_text(change.before, 100, 2)),
        Column("now", lambda change: spread_text(change.now, 100, 2)),
        Column("Δ accuracy", lambda change: difference_text(change.accuracy), DELTA),
        Column("p (Holm)", lambda change: p_text(change.p_holm)),
        Column(against(setting, "Δ ECE"), lambda change: difference_text(change.ece)),
        Column(against(setting, "Δ NLL"), lambda change: difference_text(change.nll, 1, 4)),
        Column("verdict", _verdict),
    ]


def baseline_table(since: Changes) -> Table:
    """One line per arm that both folders have."""
    columns = _columns(since.setting)
    edited = [change for change in since.changes if change.edited]
    return table_of(
        f"since the baseline: {titled(head_text(since.setting), since.differs)}",
        columns,
        since.changes,
        footnotes=(*meanings(columns), *accuracy_lines(since.setting), *other_notes(since.setting)),
        notes=(
            *(f"{change.arm.name} was edited since: it is compared with what it was" for change in edited),
            *lost_notes([change.arm for change in since.changes]),
            *(f"in the baseline: {text}" for text in lost_notes([change.old for change in since.changes])),
        ),
    )
