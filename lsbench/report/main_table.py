"""The table that a report begins with: accuracy, calibration and memorisation, a line per loss and eps."""

from lsbench.analysis.summary import BASELINE, ArmResults, Summary, of_unbalanced
from lsbench.analysis.summary.summarise import BaselineComparison
from lsbench.names.bins import DEFAULT_BINS
from lsbench.report.fields import difference_text, name_fields, optional, p_text, spread_text, title_of
from lsbench.report.lost import lost_notes, superseded_notes
from lsbench.report.sizes import BALANCED, HEADING_OF, RULE, size_lines, warning_lines
from lsbench.report.tables import Entry, Table

HEADER = (
    *("loss", "eps", "n", "accuracy %", f"Δ accuracy vs {BASELINE} [95 %]", "p (Holm)", "seeds to decide", "ECE %"),
    *("ECE if separable %", "NLL", "Brier", "wrong labels fitted %", "s/epoch"),
)
BEFORE_ECE = HEADER.index("ECE %")  # where what is shown of unbalanced classes stands
FIRST = ("accuracy %", HEADER[4], "ECE %")  # what a narrow terminal shows on top
FOOTNOTES = (
    "mean ± sd of one seed, on the test set after the last epoch; n seeds.",
    "Δ: mean of the differences paired by seed, with Student's 95 % interval; p of its t-test, adjusted by Holm; "
    "† marks p < 0.05.",
    "seeds to decide: with so many, a difference of this size would be found 4 times in 5.",
    "Best (bold, or *) is marked only where its paired interval against every other line leaves 0 out.",
    f"ECE: {DEFAULT_BINS} equal-width bins, right-closed. ECE if separable: if all classes were separable, of the "
    "perfect fit to these noisy, smoothed labels, in closed form, classes weighted as in the test set (equally where a "
    "row does not tell how many it has); where classes overlap it is less. Left out where the noise is not known, as "
    "in data of your own, and where the measured accuracy is far from what it assumes.",
    "Wrong labels fitted: share of the wrong labels that it predicts, among 10,000 training examples (all, if fewer).",
)


def main_table(summary: Summary) -> Table:
    """A summary's table: one line per loss and hyperparameters."""
    mixed, unbalanced = len(summary.origins) > 1, [HEADING_OF[name] for name in of_unbalanced(summary.sizes)]
    lost = (f"{r.status}: {arm.name} seed {r.cell.seed}: {r.error}" for arm in summary.arms for r in arm.lost)
    return Table(
        title=title_of(summary),
        header=(*HEADER[:BEFORE_ECE], *unbalanced, *HEADER[BEFORE_ECE:]),
        lines=tuple(_line(summary, arm) for arm in summary.arms),
        notes=(
            *lost,
            *lost_notes(summary.arms),
            *superseded_notes(summary),
            *([f"warning: rows of differing origin are compared: {'; '.join(summary.origins)}"] * mixed),
        ),
        footnotes=(*FOOTNOTES, *([BALANCED] * bool(unbalanced)), *([RULE] * bool(summary.no_better))),
        above=(*warning_lines(summary.warnings), *size_lines(summary.sizes, summary.no_better)),
        named_by=(0, 1),
        first=(*FIRST, *unbalanced),
    )


def _line(summary: Summary, arm: ArmResults) -> tuple[Entry, ...]:
    against = summary.comparisons.get(arm.key, BaselineComparison(None))

    def entry(name: str, scale: float, digits: int) -> Entry:
        return Entry(spread_text(arm.spread(name), scale, digits), summary.best.get(name) is arm)

    optimum = arm.spread("separable.ece")
    return (
        *name_fields(arm),
        entry("accuracy", 100, 2),
        Entry(difference_text(against.difference)),
        Entry(p_text(against.p_holm)),
        Entry(optional(against.seeds_to_decide, ",d")),
        *(entry(name, 100, 2) for name in of_unbalanced(summary.sizes)),
        entry("ece", 100, 2),
        Entry(optional(optimum and optimum.mean * 100, ".1f")),
        entry("nll", 1, 4),
        entry("brier", 1, 4),
        entry("train_accuracy_wrong", 100, 1),
        Entry(optional(arm.seconds_per_epoch, ".2f")),
    )
