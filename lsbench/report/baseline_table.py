"""What changed since an older results folder."""

from lsbench.analysis.summary import Change, Changes
from lsbench.analysis.summary.setting_text import head_text, titled
from lsbench.report.fields import difference_text, name_fields, p_text, spread_text
from lsbench.report.lost import lost_notes
from lsbench.report.tables import Entry, Table

FOOTNOTES = (
    "Δ: now minus before, paired by seed, Student's 95 % interval; p of its t-test, adjusted by Holm over all lines of "
    "the folder; † marks p < 0.05.",
)


def baseline_table(found: Changes) -> Table:
    """One line per arm that both folders have."""
    edited = [change for change in found.changes if change.edited]
    return Table(
        title=f"since the baseline: {titled(head_text(found.setting), found.differs)}",
        header=("loss", "eps", "n", "accuracy % before", "now", "Δ accuracy", "p (Holm)", "Δ ECE", "Δ NLL", "verdict"),
        lines=tuple(_line(change) for change in found.changes),
        notes=(
            *(f"{change.arm.name} was edited since: it is compared with what it was" for change in edited),
            *lost_notes([change.arm for change in found.changes]),
            *(f"in the baseline: {text}" for text in lost_notes([change.old for change in found.changes])),
        ),
        footnotes=FOOTNOTES,
        named_by=(0, 1),
    )


def _line(change: Change) -> tuple[Entry, ...]:
    texts = (
        spread_text(change.before, 100, 2),
        spread_text(change.now, 100, 2),
        difference_text(change.accuracy),
        p_text(change.p_holm),
        difference_text(change.ece),
        difference_text(change.nll, 1, 4),
        _verdict(change),
    )
    return (*name_fields(change.arm), *map(Entry, texts))


def _verdict(change: Change) -> str:
    if not change.comparable:
        return "LOST SEEDS" if change.lost_now else "not compared"
    return "WORSE" if change.worse else "not worse"
