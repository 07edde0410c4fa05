"""The table that a report begins with: accuracy, calibration and memorisation, a line per loss and eps."""

from collections.abc import Sequence

from lsbench.analysis.summary import BASELINE, ArmResults, Summary, of_unbalanced
from lsbench.analysis.summary.summarise import BaselineComparison
from lsbench.names.bins import DEFAULT_BINS
from lsbench.report.chosen import chosen_notes
from lsbench.report.columns import Column, meanings, paragraph, table_of
from lsbench.report.cross_fit_notes import cross_fit_notes
from lsbench.report.fields import NAMES, difference_text, optional, p_text, seeds_text, spread_text, title_of
from lsbench.report.given import accuracy_lines, against, other_notes
from lsbench.report.lost import failure_notes, lost_notes, superseded_notes
from lsbench.report.same_function import same_notes
from lsbench.report.sizes import BALANCED, HEADING_OF, RULE, size_lines, warning_lines
from lsbench.report.tables import NOT_AVAILABLE, Table

SPREAD = "mean ± sd of one seed, on the test set after the last epoch; n seeds."
BEST = (
    "Best (bold, or *) is marked where a line is shown to be better than every other, each by the paired t-test at 5 % "
    "(an intersection-union test: a false mark in at most 5 % of columns); an ECE by more than the chance of the test "
    "examples can make; nothing is marked beside a line that is not compared."
)
DELTA = (
    "Δ: mean of the differences paired by seed, on this test set; all intervals of the column hold together with 95 %. "
    "p: Student's paired test, adjusted by Holm over the column; † marks p < 0.05. An interval that Holm's test "
    "narrows ends at 0, which it leaves out. Of losses that are one function one is compared."
)
ECE = f"ECE: {DEFAULT_BINS} equal-width bins, right-closed."
IF_SEPARABLE = (
    "ECE if separable: if all classes were separable, of the perfect fit to these noisy, smoothed labels, in closed "
    "form, classes weighted as in the test set (equally where a row does not tell how many it has); where classes "
    "overlap it is less. Left out where the measured accuracy is far from what it assumes."
)
WRONG_FITTED = (
    "Wrong labels fitted: share of the wrong labels that it predicts, among 10,000 training examples (all, if fewer)."
)
CHANGED_FITTED = (
    "Changed labels fitted: of the training labels that the added noise changed, the share that it predicts, among "
    "10,000 training examples (all, if fewer)."
)
POWER = (
    "seeds to decide: so many find a difference like this one 4 times in 5, at the column's level (5 % over its number "
    "of comparisons); in brackets for the ends of the difference's 80 % interval."
)
Arms = Sequence[Column[ArmResults]]


def main_table(summary: Summary) -> Table:
    """A summary's table: one line per loss and hyperparameters."""
    compared, unbalanced, measured = _compared(summary), _unbalanced(summary), _measured(summary)
    mixed = len(summary.origins) > 1
    return table_of(
        title_of(summary),
        (*NAMES, *compared, *unbalanced, *measured),
        summary.arms,
        notes=(
            *(note for arm in summary.arms for note in failure_notes(arm)),
            *lost_notes(summary.arms),
            *same_notes(summary.folded),
            *superseded_notes(summary),
            *chosen_notes(summary.arms, summary.counted),
            *cross_fit_notes(summary.arms),
            *([f"warning: rows of differing origin are compared: {'; '.join(summary.origins)}"] * mixed),
        ),
        footnotes=(
            *(SPREAD, *meanings(compared), BEST, *_said(measured), *meanings(unbalanced)),
            *other_notes(summary.setting),
            *([RULE] * bool(summary.no_better)),
        ),
        above=(
            *warning_lines(summary.warnings),
            *size_lines(summary.sizes, summary.no_better),
            *accuracy_lines(summary.setting),
        ),
    )


def _said(measured: Arms) -> tuple[str, ...]:
    """What the measured columns mean; both ECEs in one text."""
    return (paragraph(measured[:2]), *meanings(measured[2:]))


def _compared(summary: Summary) -> Arms:
    """The accuracy, and how far it is from the baseline's."""
    standing = summary.folded.standing

    def against(arm: ArmResults) -> BaselineComparison:
        return summary.comparisons.get(arm.key, BaselineComparison(None))

    def delta(arm: ArmResults) -> str:
        return f"same as {standing[arm.key].name}" if arm.key in standing else difference_text(against(arm).difference)

    return (
        _number(summary, "accuracy", "accuracy %", 100, 2, on_top=True),
        Column(f"Δ accuracy vs {BASELINE} [joint 95 %]", delta, DELTA, on_top=True),
        Column("p (Holm)", lambda arm: p_text(against(arm).p_holm)),
        Column("seeds to decide", lambda arm: _seeds_to_decide(against(arm)), POWER),
    )


def _seeds_to_decide(against: BaselineComparison) -> str:
    """Never empty where a difference is undecided."""
    if against.difference is None or against.finding != "undecided":
        return NOT_AVAILABLE
    return str(against.seeds_needed or f"not known of {seeds_text(against.difference.n)}")


def _unbalanced(summary: Summary) -> Arms:
    """What is shown where a class has many more test examples than another."""
    names = of_unbalanced(summary.sizes)
    headings = {name: against(summary.setting, HEADING_OF[name]) for name in names}
    return [_number(summary, name, heading, 100, 2, BALANCED, on_top=True) for name, heading in headings.items()]


def _measured(summary: Summary) -> Arms:
    """The numbers beside the accuracy."""
    setting = summary.setting
    right = not (setting.trains_on_given or setting.tests_on_given)  # labels
    return (
        _number(summary, "ece", against(setting, "ECE %"), 100, 2, ECE, on_top=True),
        *([Column("ECE if separable %", _if_separable, IF_SEPARABLE)] * right),
        _number(summary, "nll", against(setting, "NLL"), 1, 4),
        _number(summary, "brier", against(setting, "Brier"), 1, 4),
        *_fitted(summary),
        Column("s/epoch", lambda arm: optional(arm.seconds_per_epoch, ".2f")),
    )


def _fitted(summary: Summary) -> Arms:
    """How many wrong labels are fitted; where nobody knows which are wrong, of those that added noise changed."""
    setting = summary.setting
    if not setting.trains_on_given:
        return (_number(summary, "train_accuracy_wrong", "wrong labels fitted %", 100, 1, WRONG_FITTED),)
    if not (setting.noise_rate and setting.noise_is_known):
        return ()
    return (_number(summary, "train_accuracy_changed", "changed labels fitted %", 100, 1, CHANGED_FITTED),)


def _number(
    summary: Summary, name: str, heading: str, scale: float, digits: int, meaning: str = "", *, on_top: bool = False
) -> Column[ArmResults]:
    """A measured number: its name in a row, its heading, what it is multiplied by, its decimals, what it means."""
    return Column(
        heading,
        lambda arm: spread_text(arm.spread(name), scale, digits),
        meaning,
        is_best=lambda arm: summary.best.get(name) is arm,
        on_top=on_top,
    )


def _if_separable(arm: ArmResults) -> str:
    optimum = arm.spread("separable.ece")
    return optional(optimum and optimum.mean * 100, ".1f")
